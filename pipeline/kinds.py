"""Kinds of source: which have bounds of their own, and what to say of one that nobody bounds."""

from collections.abc import Iterable

from taojin.filters.bounds import KINDS
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.report.sentences import Sentence, said


def unbound(recipe: Recipe, kinds: Iterable[str]) -> list[str]:
    """Of these kinds those that neither Taojin nor the recipe gives bounds: typos, often."""
    known = {*KINDS, *_bound(recipe)}
    return [kind for kind in dict.fromkeys(kinds) if kind not in known]


def warnings(recipe: Recipe, kinds: Iterable[str]) -> list[Sentence]:
    """What a user should know of each of these kinds that nobody bounds."""
    bound = ", ".join(_bound(recipe))
    return [said("kind_unbound", kind=kind, known=bound) for kind in unbound(recipe, kinds)]


def _bound(recipe: Recipe) -> list[str]:
    return sorted({rule.kind for rule in recipe.rules if rule.kind is not None})
