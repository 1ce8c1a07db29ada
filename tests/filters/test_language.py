from pathlib import Path

import polars as pl
import pytest
from hypothesis import given

from taojin.core import stage
from taojin.filters.batch import Batch
from taojin.filters.language import KNOWN, DetectLanguage, language_filter
from taojin.tests.core.texts import QUICK, columns, documents

DETECT = DetectLanguage(("zh-Hans", "zh-Hant", "en"))
CODE = "使用 `pip install numpy` 安装之后，运行 python setup.py build_ext --inplace 即可完成编译。"


def tell(text: str, detect: DetectLanguage = DETECT) -> str:
    return stage.run(detect, documents([text]))["lang"][0]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("第一条 为了规范管理活动，根据有关法律，制定本办法。", "zh-Hans"),
        ("這個軟體可以協助學習者，讓資料處理變得更簡單，請點選開啟檔案。", "zh-Hant"),
        ("人", "zh-Hans"),  # written alike in both: the commoner one
        ("東京都は日本の首都である。人口は約千四百万人。", "ja"),
        ("東京都知事選挙結果発表について", "ja"),
        (
            "中文网页提到日本动画《となり》，并介绍了导演的生平、作品与影响，"
            "以及观众对这部作品的看法，另外谈到音乐和画面，还有影片在各地上映之后得到的评价。",
            "zh-Hans",
        ),
        (CODE, "zh-Hans"),
        ("한국어로 쓴 글입니다. The word is English.", "ko"),
        ("สวัสดีครับ ยินดีต้อนรับ", "th"),
        ("ສະບາຍດີ", "lo"),
        ("გამარჯობა", "ka"),
        ("Բարեւ ձեզ", "hy"),
        ("தமிழ் மொழி", "ta"),
        ("The river carries sand, and in the sand there is gold.", "en"),
        ("Der schnelle braune Fuchs springt über den faulen Hund und läuft weg.", "de"),
        ("Привет, как дела сегодня? Погода хорошая.", "ru"),
        ("مرحبا بالعالم، كيف حالك اليوم؟", "ar"),
        ("12345 !!! 😀 。", "und"),
        ("", "und"),
        (" \r\n\u3000", "und"),
    ],
)  # fmt: skip
def test_languages(text: str, lang: str):
    assert tell(text) == lang


@pytest.mark.parametrize(
    "text",
    [
        "한국어로 쓴 글이다" * 8 + "大韓民國 憲法 第一條 法律 條文",
        "한국어로 쓴 글이다 그리고 읽는다 그런데 말이다 " * 3 + "ภาษาไทยสวัสดีครับ",
    ],
)
def test_the_script_of_most_letters_decides(text: str):
    assert tell(text) == "ko"


@QUICK
@given(column=columns)
def test_every_text_has_a_known_language_and_a_score(column: list[str]):
    result = stage.run(DETECT, documents(column))
    assert result["lang"].is_in(KNOWN).all()
    assert result["lang_score"].is_between(0, 1).all()
    alone = [tell(text) for text in column]
    assert result["lang"].to_list() == alone


def test_of_two_scripts_the_one_of_more_letters_decides_whichever_is_listed_first():
    korean, thai = "한국어로쓴글", "ภาษาไทยกขค"
    assert [tell(korean * 3 + " " + thai), tell(korean + " " + thai * 3)] == ["ko", "th"]
    assert [tell("글" * 9 + "漢" * 3), tell("글" * 3 + "汉" * 9)] == ["ko", "zh-Hans"]


def test_what_is_unknown_scores_nothing():
    assert stage.run(DETECT, documents(["123"]))["lang_score"].to_list() == [0.0]


def test_a_page_in_another_language_is_not_the_nearest_of_those_asked_for():
    french = "Le fleuve charrie du sable, et dans le sable il y a de l'or depuis toujours."
    assert tell(french, DetectLanguage(("en",))) == "fr"


def test_code_and_front_matter_do_not_decide():
    front = "---\ntitle: install\npath: /usr/local/lib/python\n---\n```sh\nmake install\n```\n" * 20
    german = "Dieser Abschnitt beschreibt, wie man das Programm auf dem Rechner einrichtet. " * 20
    assert tell(front + german) == "de"


def test_fenced_code_does_not_outweigh_a_sentence():
    code = "```\nfor the line in the file: print the line\nreturn the result of it\n```\n"
    sentence = "Dieser Abschnitt beschreibt die Einrichtung des Programms auf dem Rechner.\n"
    assert tell(code * 3 + sentence + code * 5) == "de"


def test_the_filter_tells_what_is_allowed():
    found = documents(["a", "b", "c"], lang=["en", "zh-Hans", "und"])
    measured = language_filter(["zh-Hans", "en"]).measure(Batch(found)).struct.unnest()
    assert measured["allowed"].to_list() == [1.0, 1.0, 0.0]
    assert measured["score"].to_list() == pytest.approx([0.9] * 3)


def test_a_fasttext_model_decides_where_the_script_does_not(tmp_path: Path):
    import fasttext

    lines = ["__label__en the river carries sand", "__label__xx der fluss trägt sand"] * 30
    (tmp_path / "lines.txt").write_text("\n".join(lines))
    model = fasttext.train_supervised(
        str(tmp_path / "lines.txt"), epoch=60, dim=8, bucket=100, lr=1.0, thread=1, verbose=0
    )
    model.save_model(str(tmp_path / "m.bin"))
    detect = DetectLanguage(("en",), model=str(tmp_path / "m.bin"))
    texts = ["the river\ncarries sand", "der fluss trägt sand", "河里有沙"]
    result = stage.run(detect, documents(texts))
    assert result["lang"].to_list() == ["en", "und", "zh-Hans"]  # xx is no known code


FLOORS = {"zh-Hans": 0.99, "zh-Hant": 0.99, "ja": 0.98, "ko": 0.99, "th": 0.98, "en": 0.97,
          "ru": 0.95, "ar": 0.97, "de": 0.97, "fr": 0.95, "es": 0.93}  # fmt: skip


def test_accuracy_on_labelled_sentences(shared_data: Path):
    """A hundred sentences each; a default recipe asks for Chinese and English alone."""
    rows = pl.read_ndjson(shared_data / "langid" / "langid.jsonl.zst")
    rows = rows.filter(pl.col("kind") == "sentences")
    for lang, floor in FLOORS.items():
        texts = rows.filter(pl.col("lang") == lang)["text"]
        texts = texts.gather_every(len(texts) // 100).head(100)
        found = stage.run(DETECT, documents(texts.to_list()))["lang"]
        assert (found == lang).mean() >= floor, lang
