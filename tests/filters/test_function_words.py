import tomllib
import unicodedata
from importlib.resources import files
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters.function_word_kernels import SPAN_BYTES
from taojin.filters.function_words import Evidence, evidence, lexicon, lexicon_languages
from taojin.filters.language import KNOWN
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, cuts, sliced, texts

LISTS = tomllib.loads(
    (files("taojin.filters") / "lists" / "function_words.toml").read_text(encoding="utf-8")
)
WORDS = {language: set(table["words"].split()) for language, table in LISTS.items()}
LETTERS = {language: set(table.get("letters", "")) for language, table in LISTS.items()}
listed = st.sampled_from(sorted({word for words in WORDS.values() for word in words}))
cased = st.one_of(listed, listed.map(str.upper), listed.map(str.title))
others = st.sampled_from(["x", "sand9", "ünlü", "ЁЖ", "ıI", "İ", "Ñu", "9", "_the", "thethe", "金",
                          "the金of", "ไทย", "\u1e9e", "ẞ", "a\u0301", "\u2c80", "of\u200cthe"])  # fmt: skip
gaps = st.sampled_from([" ", "\n", "'", "-", "，", "", "。", "\u2028"])
prose = st.lists(st.tuples(st.one_of(cased, others), gaps).map("".join), max_size=30).map("".join)
columns = st.lists(st.one_of(prose, texts), max_size=5)


def of(*column: str, cut: int = 0) -> Evidence:
    offsets, data = string_buffers(sliced(column, cut))
    return evidence(offsets, data, np.arange(len(column) - cut))


def leaders(*column: str) -> list[str]:
    return [lexicon_languages()[leader] for leader in of(*column).leader]


def by_oracle(text: str) -> tuple[int, list[int], float]:
    """Words, hits of each language and the leader's share."""
    words = [
        word for span in oracles.spans(text, SPAN_BYTES) for word in oracles.spaced_words(span)
    ]
    cues = oracles.cues(words, WORDS, LETTERS)
    hits = [sum(language in cue for cue in cues) for language in lexicon_languages()]
    leader = lexicon_languages()[hits.index(max(hits))]
    return len(words), hits, oracles.leader_share(cues, leader, WORDS)


def check(found: Evidence, column: list[str]) -> None:
    for row, text in enumerate(column):
        words, hits, share = by_oracle(text)
        assert found.words[row] == words
        assert found.hits[row].tolist() == hits
        assert found.most[row] == max(hits) == hits[found.leader[row]]
        assert found.share[row] == pytest.approx(share)


@QUICK
@given(column=columns, cut=cuts)
def test_evidence(column: list[str], cut: int):
    cut = min(cut, len(column))
    check(of(*column, cut=cut), column[cut:])


@pytest.mark.parametrize("shift", range(4))
def test_a_long_text_is_read_in_three_spans(shift: int):
    english = "the sand of a river is not und "
    long = "x" * shift + english * 200 + "что金😀это " * 400 + english * 100 + "y" * shift
    whole = "é" * (3 * SPAN_BYTES // 2)
    check(of(long, whole, "the " + whole, long), [long, whole, "the " + whole, long])


def test_only_the_texts_asked_for_are_read():
    offsets, data = string_buffers(sliced(["the of and", "der und das", "et les des"], 0))
    found = evidence(offsets, data, np.array([2, 0]))
    assert [lexicon_languages()[leader] for leader in found.leader] == ["fr", "en"]
    assert found.take(np.array([1])).words.tolist() == [3]


def test_every_list_is_well_formed():
    assert list(LISTS) == sorted(LISTS) and set(LISTS) <= set(KNOWN)
    for language, table in LISTS.items():
        words = table["words"].split()
        assert len(words) >= 40 and len(set(words)) == len(words), language
        assert set(table) <= {"words", "letters"}
        for word in [*words, *LETTERS[language]]:
            assert word == unicodedata.normalize("NFC", word)
            assert oracles.spaced_words(word) == [word], (language, word)
        assert not any(letter.isascii() for letter in LETTERS[language])


def test_every_word_is_a_hit_of_its_languages():
    words = sorted({word for own in WORDS.values() for word in own})
    hits = of(*words).hits
    expected = [[word in WORDS[language] for language in lexicon_languages()] for word in words]
    assert hits.tolist() == expected


def test_languages_of_one_script_have_words_of_their_own():
    """Else no text of the one could ever be told from the other."""
    for (one, own), (other, theirs) in permutations(WORDS.items(), 2):
        assert len(own - theirs) >= 6, (one, other)


def test_words_weigh_by_what_tells_leader_and_rival_apart():
    """A word that both have says nothing, whatever their number: 3 words for en, 1 for de."""
    found = of("in was in was an was the of and der")
    assert [found.most[0], found.share[0]] == [9, pytest.approx(4 / 6)]


def test_what_is_clear():
    pure, long = "the of and to ", "the of and to which "
    found = of(
        pure,  # 4 hits, share 5/6
        "the which would",  # too few, though the share is 4/5
        pure + "der",  # share 5/7: a rival speaks
        pure + "xx " * 16,  # a fifth of the words
        pure + "xx " * 17,
        long * 4 + "der und das nicht " * 3,  # 20 hits, share 21/34
        long * 4 + "der und das nicht " * 4,  # share 21/38
        "x" * 99,
        "",
    )
    expected = [True, False, False, True, False, True, False, False, False]
    assert found.clear.tolist() == expected


def test_the_lexicon_cannot_be_changed():
    assert not any(array.flags.writeable for array in lexicon() if isinstance(array, np.ndarray))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Katze sitzt auf dem Dach und sieht den Vögeln zu, die nicht weit von ihr sind.", "de"),
        ("Le chat est sur le toit et regarde les oiseaux qui ne sont pas loin de lui.", "fr"),
        ("El gato está en el tejado y mira a los pájaros que no están lejos de él.", "es"),
        ("O gato está no telhado e olha para os pássaros que não estão longe dele.", "pt"),
        ("Il gatto è sul tetto e guarda gli uccelli che non sono lontani da lui.", "it"),
        ("De kat zit op het dak en kijkt naar de vogels die niet ver van haar zijn.", "nl"),
        ("Кот сидит на крыше и смотрит на птиц, которые от него не так далеко, как мы.", "ru"),
        ("Кіт сидить на даху і дивиться на птахів, які від нього не так далеко, як ми.", "uk"),
        ("Η γάτα είναι στη στέγη και κοιτάζει τα πουλιά που δεν είναι μακριά από αυτήν.", "el"),
        ("القط على السطح وهو ينظر إلى الطيور التي ليست بعيدة عن هذا المكان", "ar"),
        ("گربه روی بام است و به پرندگانی نگاه می کند که از او دور نیستند", "fa"),
        ("बिल्ली छत पर है और उन पक्षियों को देख रही है जो उस से दूर नहीं हैं", "hi"),
        ("Kedi çatıda ve ondan çok uzak olmayan kuşlara bakıyor, ama bu onun için yeni değil.", "tr"),
        ("Con mèo ở trên mái nhà và đang nhìn những con chim không xa nó.", "vi"),
    ],
)  # fmt: skip
def test_single_sentences(text: str, language: str):
    assert leaders(text) == leaders(text.upper()) == [language]
