"""`taojin filters`: every metric, its bounds per language and where it comes from."""

import json

from taojin.filters.rules import Bounds
from taojin.pipeline.recipe import Recipe


def catalogue(recipe: Recipe, *, as_json: bool) -> str:
    """A table for reading, or a JSON list of objects."""
    rows = _rows(recipe)
    if as_json:
        return json.dumps(rows, indent=1, ensure_ascii=False)
    lines = []
    for name, filter_ in recipe.registry().filters.items():
        used = "" if name in recipe.used else " (not in use)"
        lines += ["", f"{name}{used}: {filter_.source}"]
        for row in rows:
            if row["filter"] == name:
                lines.append(f"  {row['metric']:<38}{row['about']}")
                lines += [f"      {bound}" for bound in row["bounds"].split("; ")]
    return "\n".join(lines[1:])


def _rows(recipe: Recipe) -> list[dict[str, str]]:
    bounds: dict[tuple[str, str], list[str]] = {}
    for rule in recipe.rules:
        text = _text(rule.bounds)
        if text:
            place = f"{rule.lang}: " if rule.lang else ""
            bounds.setdefault((rule.filter, rule.metric), []).append(place + text)
    return [
        {
            "filter": name,
            "metric": metric.name,
            "bounds": "; ".join(bounds.get((name, metric.name), ["unbound"])),
            "about": metric.about,
            "source": filter_.source,
        }
        for name, filter_ in recipe.registry().filters.items()
        for metric in filter_.metrics
    ]


def _text(bounds: Bounds) -> str:
    sides = [f">= {bounds.min:g}" if bounds.min is not None else ""]
    sides.append(f"<= {bounds.max:g}" if bounds.max is not None else "")
    return " and ".join(side for side in sides if side)
