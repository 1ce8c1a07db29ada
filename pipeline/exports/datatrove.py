"""datatrove's token files, which nanotron's Nanoset and `DatatroveFolderDataset` read.

As `TokenizedFile` of datatrove 0.10 writes them: `.ds` has the ids, `.ds.index` the end of each
document in tokens (uint64), `.ds.metadata` the tokenizer, the bytes of an id, and the tokens twice,
for machines and for people.
"""

from collections import Counter
from pathlib import Path

from taojin.core.errors import UserError
from taojin.pipeline.exports import tokens
from taojin.pipeline.exports.settings import Settings


def write_datatrove(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `train/` and `validation/`, a file for each shard that holds a document.

    What was counted: documents of each split, and `tokens`, their end tokens among them.
    """
    counts: Counter[str] = Counter()
    for split in tokens.SPLITS:
        for number, shard in enumerate(tokens.filled(run, split)):
            (folder / split).mkdir(exist_ok=True)
            path = folder / split / f"{number:05d}_{settings.name}.ds"
            documents, written = _write_shard(run, shard, path, settings)
            counts[split] += documents
            counts["tokens"] += written
    if not counts:
        raise UserError(f"{run}: no document was kept, so there is none to export")
    return counts


def _write_shard(run: Path, shard: Path, path: Path, settings: Settings) -> tuple[int, int]:
    """How many documents and tokens were written."""
    kind = tokens.token_type(shard)
    documents = written = 0
    with path.open("wb") as ids, path.with_name(f"{path.name}.index").open("wb") as index:
        for one in tokens.stretches(run, shard, settings.packing):
            ids.write(one.ids.astype(kind.newbyteorder("<")).tobytes())
            index.write((one.ends + written).astype("<u8").tobytes())
            documents += one.ends.size
            written += one.ids.size
    told = f"{settings.name}|{kind.itemsize}\n{written}\n{metric(written)}"
    path.with_name(f"{path.name}.metadata").write_text(told, encoding="utf-8", newline="\n")
    return documents, written


def metric(count: int) -> str:
    """Tokens for people, as `humanize.metric(count, unit="T")` puts it: three digits.

    >>> metric(0), metric(1234), metric(123_456_789)
    ('0.00 T', '1.23 kT', '123 MT')
    """
    steps = (len(str(count)) - 1) // 3
    if float(f"{count / 1000**steps:.3g}") >= 1000:
        steps += 1
    value = count / 1000**steps
    places = 3 - len(str(int(float(f"{value:.3g}"))))
    return f"{value:.{places}f} {('', 'k', 'M', 'G', 'T', 'P')[steps]}T"
