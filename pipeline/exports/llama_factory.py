"""`dataset_info.json`: how LLaMA-Factory learns of data files (its data/README.md).

The folder is its `dataset_dir`; its `dataset` is a name that is registered here.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from taojin.pipeline.exports.chat import Format
from taojin.pipeline.exports.dialogues import SPLITS, write_dialogues

INFO = "dataset_info.json"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "alpaca": {
        "prompt": "instruction",
        "query": "input",
        "response": "output",
        "system": "system",
        "history": "history",
    },
    "sharegpt": {"messages": "conversations", "system": "system"},
}
"""Which column of a formatting is what."""
TAGS: Mapping[str, str] = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
}


def write_registered(
    run: Path, folder: Path, told: Format, formatting: str, name: str
) -> Counter[str]:
    """As `write_dialogues`, and each split registered as NAME_SPLIT."""
    counts = write_dialogues(run, folder, told)
    info = {f"{name}_{split}": _entry(split, formatting) for split in SPLITS if counts[split]}
    text = json.dumps(info, indent=2, ensure_ascii=True)  # it is opened in the machine's encoding
    (folder / INFO).write_text(f"{text}\n", encoding="ascii", newline="\n")
    return counts


def _entry(split: str, formatting: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "file_name": f"{split}.jsonl",
        "formatting": formatting,
        "columns": dict(COLUMNS[formatting]),
    }
    return {**entry, "tags": dict(TAGS)} if formatting == "sharegpt" else entry
