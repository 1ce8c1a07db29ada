"""Layers: their switches, shares and priors; and what the patterns of facts ask."""

from dataclasses import replace

import polars as pl
import pytest

from taojin.pipeline.qa.offline.generate import generate, generate_with_rejects
from taojin.pipeline.qa.offline.settings import LAYERS, Layer, Settings
from taojin.pipeline.recipe import Qa
from tests.pipeline.qa.offline.test_generate import GUIDE_ZH, documents

READING_ZH = (
    "# 港口的潮汐\n\n港口的水位每天涨落两次，船舶需要等待。因此，大船只在高潮时进港。\n\n"
    "小船吃水很浅，不受水位影响。然而，风浪对小船的影响更大。\n\n"
    "潮差是高潮与低潮的水位之差。也就是说，潮差大的港口水位变化大。\n"
)
READING_EN = (
    "# Tides of the harbour\n\nThe water level changes twice a day. Therefore, large ships enter "
    "the harbour at high water only.\n\nSmall boats have little draught. However, they suffer "
    "more from wind and waves than large ships.\n"
)


def only(name: str, **values: object) -> Settings:
    layers = {layer: Layer(on=layer == name) for layer in LAYERS}
    return Settings(layers | {name: Layer(on=True, **values)}, units_per_pair=1)


def asked(text: str, lang: str, name: str) -> dict[str, str]:
    pairs = generate(documents([text], lang), only(name))
    return dict(pairs.select("question", "answer").iter_rows())


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_alone_gives_its_pairs_alone_and_none_when_it_is_off(name):
    batch = documents([GUIDE_ZH, READING_ZH], "zh-Hans")
    assert set(generate(batch, only(name))["layer"]) == {name}
    every = Settings({layer: Layer(on=layer != name) for layer in LAYERS}, 1)
    assert name not in generate(batch, every)["layer"].to_list()


def test_a_share_bounds_a_layers_pairs():
    batch = documents([GUIDE_ZH], "zh-Hans")
    using = Settings()
    free = generate(batch, using)
    most = replace(using, layers={**using.layers, "facts": Layer(share=0.0)})
    pairs, rejected = generate_with_rejects(batch, most)
    assert "facts" in free["layer"].to_list() and "facts" not in pairs["layer"].to_list()
    assert ("facts", "share") in rejected.select("layer", "reason").rows()


def test_a_prior_is_a_factor_of_the_score():
    batch = documents([GUIDE_ZH], "zh-Hans")
    plain = generate(batch, only("definitions")).select("question", "score")
    half = generate(batch, only("definitions", prior=0.5)).select("question", pl.col("score") * 2)
    assert plain.height > 0 and plain.equals(half)


def test_the_recipe_has_the_generators_defaults():
    using, recipe = Settings(), Qa()
    assert recipe.units_per_pair == using.units_per_pair
    for name, layer in using.layers.items():
        assert getattr(recipe.layers, name).model_dump() == {
            "on": layer.on,
            "share": layer.share,
            "prior": layer.prior,
        }


def test_reading_tasks_come_from_connectives_and_titles():
    assert asked(READING_ZH, "zh-Hans", "reading") == {
        "以“港口的水位每天涨落两次，船舶需要等待”开头的文章，标题是什么？": "港口的潮汐",
        "由“港口的水位每天涨落两次，船舶需要等待”可以得出什么结论？": "大船只在高潮时进港。",
        "与“小船吃水很浅，不受水位影响”形成转折的是什么？": "风浪对小船的影响更大。",
        "“潮差是高潮与低潮的水位之差”换句话怎么说？": "潮差大的港口水位变化大。",
    }
    english = asked(READING_EN, "en", "reading")
    assert english['What follows from the statement "The water level changes twice a day"?'] == (
        "large ships enter the harbour at high water only."
    )


CLAUSES_ZH = [
    ("陈海生毕业于珠江航运学院。", "陈海生毕业于哪所学院？", "珠江航运学院"),
    ("珠江灯塔由约翰·史密斯设计。", "珠江灯塔由谁设计？", "约翰·史密斯"),
    ("珠江鲤俗称红尾。", "珠江鲤俗称什么？", "红尾"),
    ("陈海生担任珠江港务局局长。", "陈海生担任什么职务？", "珠江港务局局长"),
    ("珠江港是一座港口，总部设在广州。", "珠江港是一座港口，总部设在哪里？", "广州"),
    ("珠江水系包括西江、北江和东江。", "珠江水系包括哪些？", "西江、北江和东江"),
    ("珠江大堤修建于明代，明代曾多次加固。", "", ""),
    ("他毕业于珠江航运学院。", "", ""),
    ("金井栏边败叶飞。", "", ""),
    ("珠江港分为四个区域，区域的划分应当公开。", "珠江港分为多少个区域？", "四个"),
    ("妇姑夫妇孙和子，同住人间五百年。", "", ""),
]


@pytest.mark.parametrize(("sentence", "question", "answer"), CLAUSES_ZH)
def test_chinese_clauses(sentence, question, answer):
    pairs = asked(sentence, "zh-Hans", "facts")
    assert pairs == ({question: answer} if question else {}) or pairs.get(question) == answer


CLAUSES_EN = [
    (
        "The Eddystone lighthouse was designed by John Smeaton.",
        "Who was the Eddystone lighthouse designed by?",
    ),
    ("The red lighthouse was designed by John Smeaton.", ""),
    (
        "In 1932, the Harbour Bridge was opened to traffic.",
        "When was the Harbour Bridge opened to traffic?",
    ),
    (
        "Marie Curie discovered the element radium in a shed.",
        "Who discovered the element radium in a shed?",
    ),
    ("The Port Authority Board (PAB) meets every month.", "What does PAB stand for?"),
    ("Iron bollards are used to moor ships.", "What are Iron bollards used for?"),
    (
        "Iron bollards are used to moor ships, and iron rings are rare.",
        "",
    ),
    ("Bollards are used to moor ships.", ""),
    ("They were designed by John Smeaton.", ""),
    ("Marie Curie discovered it in a very old shed.", ""),
]


@pytest.mark.parametrize(("sentence", "question"), CLAUSES_EN)
def test_english_clauses(sentence, question):
    assert list(asked(sentence, "en", "facts")) == ([question] if question else [])
