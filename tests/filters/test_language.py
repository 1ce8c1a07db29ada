from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from taojin.core import stage
from taojin.filters import language
from taojin.filters.batch import Batch
from taojin.filters.language import (
    CHINESE,
    CONTRAST,
    KNOWN,
    LINGUA,
    SCRIPTS,
    DetectLanguage,
    language_filter,
)
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
        ("שלום עולם", "he"),
        ("বাংলা ভাষা", "bn"),
        ("ਪੰਜਾਬੀ ਬੋਲੀ", "pa"),
        ("Καλημέρα, τι κάνεις σήμερα;", "el"),
        ("the angle α and the angle β of the triangle", "en"),
        ("The river carries sand, and in the sand there is gold.", "en"),
        ("Der schnelle braune Fuchs springt über den faulen Hund und läuft weg.", "de"),
        ("Привет, как дела сегодня? Погода хорошая.", "ru"),
        ("مرحبا بالعالم، كيف حالك اليوم؟", "ar"),
        ("ልጅ ነው", "und"),  # a script that no known language has
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


def test_a_page_full_of_code_is_in_the_language_of_its_prose():
    """The code has ten times the letters."""
    code = "```sql\nSELECT name, count(*) AS total FROM users WHERE age > 18 GROUP BY name;\n```\n"
    line = "SHOW_STATUS = information_schema.tables; getAllRows --verbose /var/lib/data\n"
    assert tell(("查询每个名字的成年用户数。\n" + code + line) * 5) == "zh-Hans"
    assert tell(("이름별 성인 사용자 수를 조회합니다.\n" + code + line) * 5) == "ko"


def test_keywords_outside_of_fences_do_not_decide():
    code = "for name in names:\n    if not name or name is None and other:\n        return\n"
    german = "Diese Schleife läuft über alle Namen und endet, wenn einer von ihnen leer ist.\n"
    assert tell((german + code) * 5) == "de"


ENGLISH = "It was the best of times, it was the worst of times, and that is all there is to it.\n"
GERMAN = (
    "Es war die beste und auch die schlimmste aller Zeiten, und mehr ist dazu nicht zu sagen.\n"
)


def test_the_score_tells_how_mixed_a_text_is():
    texts = [ENGLISH * 9, ENGLISH * 8 + GERMAN, ENGLISH * 6 + GERMAN * 3, ENGLISH * 9 + "汉字" * 40]
    found = stage.run(DETECT, documents([*texts, GERMAN * 5 + ENGLISH * 5]))
    assert found["lang"].to_list()[:4] == ["en"] * 4
    pure, little, third, chinese, half = found["lang_score"]
    assert pure > 0.95 > little > 0.8 > third > 0.6 and half < 0.6
    assert 0.5 <= chinese < 0.8


def test_a_model_is_no_surer_than_the_words_of_a_mixed_text():
    """Lingua gives one of the two languages nearly all."""
    found = stage.run(DETECT, documents(["the und " * 30, "the und which nicht of der " * 30]))
    assert (found["lang_score"] == 0.5).all()


def test_a_model_reads_start_middle_and_end(monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    monkeypatch.setattr(language, "_confidences", lambda _, some: read.extend(some) or zeros(some))

    def zeros(some: list[str]) -> np.ndarray:
        return np.zeros((len(some), len(LINGUA)))

    long = "a" * 100 + "b" * 700 + "é" * 100 + "b" * 700 + "c" * 100
    assert [tell(long), tell("d" * 300)] == ["und", "und"]
    assert read == ["a" * 100 + " " + "é" * 100 + " " + "c" * 100, "d" * 300]


def test_words_alone_tell_a_language_that_lingua_was_not_asked_about():
    danish = "Det er ikke svært at se, hvad der blev af den gamle by, efter at floden gik over. "
    catalan = "Aquesta és la casa dels meus avis, on vam passar els estius quan érem petits. "
    assert [tell(danish * 3), tell(catalan * 3)] == ["da", "ca"]


def test_words_correct_the_model_on_short_texts():
    """Lingua alone says en for the first, for it is asked for, and uk for the second."""
    assert tell("Au delà du possible, au delà du connu!") == "fr"
    assert tell("Был тут и черный ход - для садовника, нищих и бродяг.") == "ru"


def test_clear_texts_need_no_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language, "_confidences", None)
    assert [tell(ENGLISH), tell(GERMAN), tell("汉字"), tell("")] == ["en", "de", "zh-Hans", "und"]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch):
    texts = ["the river", "", "汉字", ENGLISH, "le fleuve", GERMAN, "123"]
    whole = stage.run(DETECT, documents(texts))
    monkeypatch.setattr(language, "_BLOCK", 2)
    assert stage.run(DETECT, documents(texts)).equals(whole)


def test_a_language_asked_for_is_likelier():
    asked = ("pt", "it", "fr")
    assert [tell("Importante", DetectLanguage((lang,))) for lang in asked] == list(asked)


def test_known_languages():
    assert len(set(KNOWN)) == len(KNOWN)
    assert {*SCRIPTS, *LINGUA, *CHINESE, "und"} == set(KNOWN)
    assert set(CONTRAST) <= set(LINGUA)


def test_every_name_is_one_that_lingua_knows():
    from lingua import Language

    assert {language.name for language in Language.all()} >= set(LINGUA.values())


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
    assert tell(GERMAN, detect) == "und"  # words do not decide then
    assert tell("河里有沙", detect) == "zh-Hans"  # nothing is left for the model


FLOORS = {"zh-Hans": 0.99, "zh-Hant": 0.99, "ja": 0.98, "ko": 0.99, "th": 0.98, "en": 0.98,
          "ru": 0.97, "ar": 0.98, "de": 0.98, "fr": 0.97, "es": 0.96}  # fmt: skip


def test_accuracy_on_labelled_sentences(shared_data: Path):
    """A hundred sentences each; a default recipe asks for Chinese and English alone."""
    rows = pl.read_ndjson(shared_data / "langid" / "langid.jsonl.zst")
    rows = rows.filter(pl.col("kind") == "sentences")
    for lang, floor in FLOORS.items():
        texts = rows.filter(pl.col("lang") == lang)["text"]
        texts = texts.gather_every(len(texts) // 100).head(100)
        found = stage.run(DETECT, documents(texts.to_list()))["lang"]
        assert (found == lang).mean() >= floor, lang


@pytest.mark.parametrize("name", ["docs_en", "docs_zh", "docs_multi"])
def test_accuracy_on_whole_pages(shared_data: Path, name: str):
    """Every tenth page; a label is that of its folder, and some are not translated."""
    rows = pl.read_ndjson(shared_data / name / f"{name}.jsonl.zst").gather_every(10)
    rows = rows.filter(pl.col("lang").is_in(["zh", *KNOWN]))
    found = stage.run(DETECT, documents(rows["text"].to_list()))["lang"]
    right = (found == rows["lang"]) | ((rows["lang"] == "zh") & found.is_in(CHINESE))
    assert right.mean() >= (0.97 if name == "docs_multi" else 0.995)
