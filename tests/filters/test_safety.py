import tomllib
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given

from taojin.core.arrow import string_buffers
from taojin.core.errors import UserError
from taojin.filters import wordlist
from taojin.filters.batch import Batch
from taojin.filters.matcher import folded
from taojin.filters.rules import Bounds, Rule, reasons
from taojin.filters.safety import ALLOWED, Found, SafetyRules, sensitive_ratio, sensitive_score
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, documents

RULES = SafetyRules()
OWN = SafetyRules(terms=("赌博", "色情", "casino", "free spins"), shipped=False)

NAMES = (
    "赌博",
    "色情",
    "毒品",
    "淫秽",
    "卖淫",
    "嫖娼",
    "吸毒",
    "赌场",
    "casino",
    "sex",
    "drugs",
    "gambling",
)
"""What laws and reports call it: on no list of ours, perhaps on a user's."""

SOLD = {
    "casino page": "Welcome to the best casino online! Claim your welcome bonus of 200 percent and 100 free "
    "spins today. Our live casino has online blackjack, online roulette and baccarat tables, and more than "
    "900 online slots with a progressive jackpot. No deposit bonus for new players, sports betting included.",
    "pill shop": "Order generic viagra, cheap viagra and generic cialis from our canadian pharmacy. No "
    "prescription needed, delivered in three days. We also have levitra, kamagra and male enhancement.",
    "loans": "Need cash now? Get a payday loan with no credit check. Our payday loans are for everyone, bad "
    "credit loans too. Work at home, make money fast, guaranteed income, double your bitcoin in a week.",
    "adult index": "Free porn videos: hot girls, milf, big tits, amateur porn. Watch xxx videos, live sex and "
    "sex cams now. New porn movies every day, teen porn removed. Join for sex chat and adult dating.",
    "娱乐城": "澳门新葡京娱乐官网，真人荷官在线发牌，百家乐、老虎机、电子游艺应有尽有。现在注册送彩金88元，首存优惠"
    "百分之百，体育投注、足球投注赔率最高，北京赛车、时时彩、幸运飞艇每天开奖，存款秒到账，欢迎代理加盟。",
    "六合彩": "香港马会资料大全，六合彩最快开奖结果，内部透码，一肖中特，平特一肖，连准三十期。彩票计划群免费加入，"
    "老师每天公布号码，彩票平台信誉第一，提款三分钟到账，长按复制网址到浏览器打开，全年无休等你来。",
    "成人站": "最新成人电影免费观看，日本AV、国产自拍、无码在线，每天更新。激情小说、成人图片、裸聊直播间，"
    "同城约炮，一夜情交友，附近的人等你来聊，手机看片不卡顿，永久地址请收藏，下载客户端送会员。",
    "黑市": "专业办证刻章，办理学历证书，代写论文，枪手代考，先办事后付款。信用卡套现，黑户贷款，无视征信，"
    "当天放款。另售迷药、催情水、听话水，效果好，发货快，诚信经营多年，加微信详谈，全国包邮到家。",
    "繁體": "線上娛樂城開戶送彩金，真人百家樂、老虎機、捕魚遊戲，六合彩即時開獎，投注平臺信譽保證，"
    "歡迎加入代理，客服全天在線，存款提款快速安全，首存優惠只限今天，體育投注賠率全網最高，馬上註冊體驗。",
    "赌-博 spaced out": "最 新 百 家 乐 平 台，真*人*荷*官，老*虎*机，六·合·彩，注册送*彩*金，欢迎体验，信誉第一。",
}  # fmt: skip

TOLD = {
    "law": "第三百零三条 以营利为目的，聚众赌博或者以赌博为业的，处三年以下有期徒刑、拘役或者管制，并处罚金。开设赌场的，"
    "处五年以下有期徒刑、拘役或者管制，并处罚金；情节严重的，处五年以上十年以下有期徒刑，并处罚金。",
    "police": "市公安局通报，今年以来全市共破获网络赌博案件一百二十起，打击色情网站三十余个，抓获犯罪嫌疑人四百余名。"
    "警方提醒广大市民，远离赌博和毒品，发现老虎机等赌博设备请及时举报，共同维护良好的社会治安环境。",
    "medicine": "Sildenafil, sold under the brand name Viagra among others, is a medication used to treat erectile "
    "dysfunction and pulmonary arterial hypertension. It is taken by mouth or by injection into a vein. Onset is "
    "typically within twenty minutes and lasts for about two hours. Viagra was approved in 1998.",
    "report": "The committee published its report on problem gambling. It recommends that advertisements for sports "
    "betting be banned before nine in the evening, that identity be checked before an account is opened, and that "
    "a levy on profits pay for treatment. Charities welcomed the proposals; the industry called them excessive.",
    "sex education": "Sex education helps young people gain the information and skills they need to make healthy "
    "decisions about sex and relationships. Programmes cover puberty, consent, contraception, pregnancy, sexual "
    "orientation and the prevention of infections, and are taught in schools and community settings.",
    "performance": "本文介绍数据库性能优化的方法。首先要确定性能瓶颈在哪里，然后针对性地调整索引、查询和缓存。室内射频信号、"
    "路口交通、蓝色情调的界面、长春药业的案例都在附录中，承包过程见第三节，读者可以自行参考。",
    "history": "拉斯维加斯位于内华达州，以赌场、演出和会展闻名。二十世纪三十年代该州使赌博合法化，赌场随胡佛水坝的建设而兴起。"
    "如今会展业的收入已超过博彩业，百家乐是澳门赌场里最常见的桌面游戏，老虎机则在美国更受欢迎，两地经营方式不同。",
}  # fmt: skip


def measured(found: list[str], rules: SafetyRules = RULES) -> list[dict[str, float]]:
    return rules.filter().measure(Batch(documents(found))).to_list()


def dropped(texts: list[str], rules: SafetyRules = RULES) -> list[list[str]]:
    """The reasons under the bounds that ship."""
    text = (files("taojin.filters") / "thresholds.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["filters"]["safety"]
    bounds = [Rule("safety", metric, None, Bounds(**sides)) for metric, sides in table.items()]
    measures = rules.filter().measure(Batch(documents(texts)))
    frame = documents(texts).with_columns(measures).with_columns(reasons(bounds))
    return frame["drop_reasons"].to_list()


@pytest.mark.parametrize("name", SOLD)
def test_pages_that_sell_are_dropped(name: str):
    assert (
        dropped([SOLD[name]]) == [["safety.sensitive_score.max"]]
        or len(dropped([SOLD[name]])[0]) == 2
    )


@pytest.mark.parametrize("name", TOLD)
def test_texts_that_tell_of_it_stay(name: str):
    assert dropped([TOLD[name]]) == [[]]


def test_pure_spam_of_one_term_is_caught_by_its_ratio():
    assert dropped(["六合彩 " * 40, "online casino " * 40]) == [["safety.sensitive_ratio.max"]] * 2


def test_laws_and_documentation_stay(shared_data: Path):
    for name, part in (("docs_zh", "LawRefBook/Laws"), ("docs_en", None)):
        table = pl.read_ndjson(shared_data / name / f"{name}.jsonl.zst", infer_schema_length=None)
        texts = table.filter(pl.col("source") == part)["text"] if part else table["text"]
        for rules in (RULES, SafetyRules(terms=NAMES)):
            counts = rules.counts(*string_buffers(texts))
            alarms = (sensitive_score(counts) > 0.02) | (sensitive_ratio(counts) > 0.2)
            assert alarms.mean() < 0.002


def test_metrics_by_hand():
    texts = ["在casino赌博，赌博有害色情。Free  spins!", "casino赌博，色情。", "free of sin", ""]
    found = measured(texts, OWN)
    assert found[0] == {
        "sensitive_count": 5,
        "sensitive_term_count": 4,
        "sensitive_ratio": 9 / 12,
        "sensitive_score": 9 / 12 / 4,
    }
    assert [one["sensitive_ratio"] for one in found[1:]] == [1.0, 0.0, 0.0]
    assert [one["sensitive_score"] for one in found[1:]] == [0.0, 0.0, 0.0]


@QUICK
@given(columns)
def test_metrics_are_those_of_the_oracle(column):
    terms = ("the", "沙里", "a b", "淘", "x")
    rules = SafetyRules(terms=terms, allowed=("淘金",), shipped=False)
    for text, found in zip(column, measured(column, rules), strict=True):
        spans = oracles.found_terms(text, terms, ["淘金"], gaps=True)
        different = len({entry for entry, _, _ in spans})
        ratio = oracles.share(
            oracles.covered_units(text, [(start, end) for _, start, end in spans]),
            len(oracles.units(text)),
        )
        assert found == {
            "sensitive_count": len(spans),
            "sensitive_term_count": different,
            "sensitive_ratio": pytest.approx(ratio),
            "sensitive_score": pytest.approx(
                ratio * oracles.share(max(different - 3, 0), different)
            ),
        }
        assert 0 <= found["sensitive_score"] <= found["sensitive_ratio"] <= 1


def test_every_term_that_ships_is_found_with_its_category():
    groups = wordlist.shipped("search_terms")
    entries = [(e, name) for name, some in groups.items() if name != ALLOWED for e in some]
    found = RULES.found_in(pl.Series([f"，{entry.upper()}。" for entry, _ in entries]))
    for (entry, category), terms in zip(entries, found, strict=True):
        assert [(term.entry, term.category) for term in terms] == [(entry, category)]


def test_no_term_stands_in_two_categories():
    groups = wordlist.shipped("search_terms")
    entries = folded([e for name, some in groups.items() if name != ALLOWED for e in some])
    assert len(set(entries)) == len(entries)


def test_terms_are_found_where_they_stand():
    assert OWN.found("😀打击色情！CASINO") == [
        Found("色情", "own", 3, 5),
        Found("casino", "own", 6, 12),
    ]
    assert OWN.found("") == []
    assert OWN.found_in(pl.Series(["赌博", None, "x"], dtype=pl.String)) == [
        [Found("赌博", "own", 0, 2)],
        [],
        [],
    ]


def test_categories_choose_among_the_lists(tmp_path: Path):
    (tmp_path / "terms.txt").write_text("金砂\tmining\n银砂\n百家乐\tmining\n", encoding="utf-8")
    rules = SafetyRules(lists=(tmp_path / "terms.txt",), categories=("mining", "gambling"))
    found = rules.found("金砂、银砂、百家乐、成人电影")
    assert found == [Found("金砂", "mining", 0, 2), Found("百家乐", "gambling", 6, 9)]


def test_a_list_may_allow_words_and_so_may_the_recipe(tmp_path: Path):
    (tmp_path / "terms.toml").write_text('x = ["性"]\nallowed = ["性能"]\n', encoding="utf-8")
    rules = SafetyRules(lists=(tmp_path / "terms.toml",), allowed=("可能性",), shipped=False)
    assert rules.found("性能的可能性与性") == [Found("性", "x", 7, 8)]


def test_spacing_out_can_be_left_unread():
    assert OWN.found("赌*博")
    assert not SafetyRules(terms=("赌博",), shipped=False, spaced_out=False).found("赌*博")


def test_a_list_that_changed_is_read_again(tmp_path: Path):
    file = tmp_path / "terms.txt"
    file.write_text("gold\n")
    rules = SafetyRules(lists=(file,), shipped=False)
    assert not rules.found("silver")
    assert measured(["silver"], rules)[0]["sensitive_count"] == 0
    file.write_text("gold\nsilver\n")
    assert measured(["silver"], rules)[0]["sensitive_count"] == 1
    assert rules.found("silver") == [Found("silver", "terms", 0, 6)]


def test_the_digest_moves_with_the_rules_and_the_bytes_of_the_lists(tmp_path: Path):
    file = tmp_path / "terms.txt"
    file.write_text("gold\n")
    rules = SafetyRules(lists=(file,))
    digests = {rules.digest(), SafetyRules().digest(), SafetyRules(terms=("gold",)).digest()}
    file.write_text("silver\n")
    assert len({*digests, rules.digest()}) == 4


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (SafetyRules(lists=(Path("nowhere.txt"),)), "^safety.lists: 'nowhere.txt' cannot be read"),
        (
            SafetyRules(categories=("gamblng",)),
            "^safety.categories: no category 'gamblng'; known: drugs, fraud",
        ),
        (SafetyRules(shipped=False), "^safety: no term to look for"),
        (SafetyRules(shipped=False, terms=("\u200b", " ")), "^safety: no term to look for"),
    ],
)
def test_what_is_not_right_is_told(rules: SafetyRules, sentence: str):
    with pytest.raises(UserError, match=sentence):
        rules.check()


def test_rules_that_are_right_pass_the_check():
    SafetyRules(categories=("gambling", "own"), terms=("gold",)).check()
