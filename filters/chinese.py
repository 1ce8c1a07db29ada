"""What is wrong with Chinese web pages in particular; every metric is near 0 on other text."""

import numpy as np
from numpy.typing import NDArray

from taojin.filters import kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.rules import Filter, Metric

_BOILERPLATE = (
    "版权所有|版權所有|ICP备|ICP證|公网安备|责任编辑|責任編輯|扫码关注|扫一扫|长按识别"
    "|上一篇|下一篇|返回顶部|返回首页|点击查看|点击下载|加入收藏|设为首页|免责声明|转载请注明"
)
_MOJIBAKE = "锟斤拷|烫烫烫|屯屯屯|鍚|鐨勬|涓€|锛岋|ï»¿|â€|Ã©|\ufffd"


def han_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count(r"[\p{Han}&&\w]"), batch.units[:, kernels.UNITS])


def boilerplate_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count(rf"(?m)^.*(?:{_BOILERPLATE}).*$"), batch.lines[:, kernels.LINES])


def mojibake_count(batch: Batch) -> NDArray[np.int64]:
    return batch.count(_MOJIBAKE)


def stop_character_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count("[的是了在和有不这這中为為]"), batch.count(r"\p{Han}"))


CHINESE = Filter(
    name="chinese",
    source="Taojin; bounds measured on Chinese prose, docs/filters.md",
    metrics=(
        Metric("han_ratio", han_ratio, "share of units that are Han characters"),
        Metric("boilerplate_line_ratio", boilerplate_line_ratio, "lines such as 版权所有, 上一篇"),
        Metric("mojibake_count", mojibake_count, "signs of a wrong decoding: 锟斤拷, 烫烫烫, �"),
        Metric("stop_character_ratio", stop_character_ratio, "share of Han among 的是了在和有不"),
    ),
)
