"""Draw the report of a finished run."""

import json
from pathlib import Path

from taojin.core.storage import publish
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw


def write(run: Path) -> Path:
    """Publish `report/report.json` and `report/index.html`; the page's path."""
    numbers = collect(run)
    folder = run / "report"
    text = json.dumps(numbers, ensure_ascii=False, allow_nan=False, indent=1)
    with publish(folder / "report.json") as partial:
        partial.write_text(text + "\n", encoding="utf-8")
    with publish(folder / "index.html") as partial:
        partial.write_text(draw(numbers), encoding="utf-8")
    return folder / "index.html"
