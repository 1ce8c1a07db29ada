import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.filters import kernels
from taojin.filters.batch import Batch
from taojin.filters.language import KNOWN
from taojin.filters.stop_words import compiled, stop_words, written
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, documents

LISTS = stop_words()
PROSE = {
    "en": "The river carries sand, and with patience you have gold.",
    "zh-Hans": "河里的沙子是金的，他在河边，也有人不信。",
    "zh-Hant": "河裡的沙子是金的，他們為了這個在河邊。",
    "de": "Der Fluss trägt Sand, und die Geduld ist nicht zu kaufen.",
    "fr": "La rivière porte du sable et le soleil est dans les yeux.",
    "es": "El río lleva arena y los hombres no se van de la orilla.",
    "it": "Il fiume porta la sabbia e non si ferma con la notte.",
    "pt": "O rio leva a areia e os homens não se vão da margem.",
    "nl": "De rivier draagt het zand en de mannen zijn er niet.",
    "pl": "Rzeka niesie piasek i nie jest to złoto, ale po nocy się błyszczy.",
    "ru": "Река несёт песок, и это не золото, но он на берегу.",
    "ar": "النهر يحمل الرمل من الجبل إلى البحر، و هذا ما كان في الكتاب.",
    "ja": "川は砂を海に運ぶ。金の粒が光と水で見える。",
    "ko": "이 강은 모래를 나르고 있다 그 금은 수 많은 사람을 위해 있는 것",
    "th": "แม่น้ำพัดทรายลงสู่ทะเล",
}


def counted(text: str, lang: str | None) -> int:
    return int(Batch(documents([text], [lang])).units[0, kernels.STOP_UNITS])


@pytest.mark.parametrize("lang", LISTS)
def test_a_list_holds_single_units_without_repeats(lang: str):
    words = LISTS[lang]
    assert lang in KNOWN and 8 <= len(words) <= 64
    assert [oracles.units(word) for word in words] == [[word] for word in words]
    assert len({form for word in words for form in written(word)}) == sum(
        len(written(word)) for word in words
    )


def test_english_is_the_paper_s_list():
    assert set(LISTS["en"]) == {"the", "be", "to", "of", "and", "that", "have", "with"}


@pytest.mark.parametrize("lang", PROSE)
def test_a_sentence_has_two_stop_words_of_its_own_language(lang: str):
    assert counted(PROSE[lang], lang) >= 2


@pytest.mark.parametrize("lang", [lang for lang in PROSE if lang != "en"])
def test_it_is_judged_by_that_language_and_no_other(lang: str):
    assert counted(PROSE[lang], "en") < 2
    assert counted(PROSE["en"], lang) < 2


@pytest.mark.parametrize("lang", ["und", "cs", None])
def test_a_language_without_a_list_uses_the_english_one(lang: str | None):
    assert counted(PROSE["en"], lang) == counted(PROSE["en"], "en") == 4


def test_each_stop_word_counts_once_however_it_is_written():
    assert counted("The AND the theand And of, OF oF", "en") == 3
    assert counted("И и НЕ Не", "ru") == 2


@QUICK
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([*LISTS, "und"]),
            st.lists(st.sampled_from([word for words in LISTS.values() for word in words])),
        ),
        max_size=6,
    )
)
def test_counts_are_those_of_the_oracle(rows: list[tuple[str, list[str]]]):
    """Documents of several languages in one batch."""
    texts = [" ".join(words) for _, words in rows]
    langs = [lang for lang, _ in rows]
    found = Batch(documents(texts, langs)).units[:, kernels.STOP_UNITS]
    assert found.tolist() == [
        oracles.unit_counts(oracles.units(text), LISTS.get(lang, LISTS["en"]))[3]
        for text, lang in zip(texts, langs, strict=True)
    ]


def test_documents_that_are_texts_only_are_of_no_known_language():
    batch = Batch(pl.DataFrame({"text": ["the of 的", ""]}))
    assert batch.units[:, kernels.STOP_UNITS].tolist() == [2, 0]


def test_compiled_lists_cannot_be_changed():
    for array in compiled().stops:
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = np.uint8(1)
