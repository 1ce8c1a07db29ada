"""The guard: a step that removes far more of a source than expected stops the run and says why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from taojin.core.errors import UserError
from taojin.pipeline.recipe import Guard


@dataclass(frozen=True)
class Removal:
    """Documents of one source before and after a step."""

    before: int
    after: int

    @property
    def share(self) -> float:
        return 1 - self.after / self.before if self.before else 0.0


def check(
    step: str,
    removals: Mapping[str, Removal],
    guard: Guard,
    reasons: Callable[[str], Sequence[str]],
) -> None:
    """UserError if a source of enough documents loses more than the recipe expects.

    `reasons` tells the most frequent reasons of a source; it is asked only then.
    """
    for source, removal in removals.items():
        expected = guard.expected.get(source, guard.most_removed)
        if removal.before >= guard.from_documents and removal.share > expected:
            raise UserError(
                f"{step}: {removal.share:.1%} of source '{source}' would be removed "
                f"({removal.before:,} documents, {removal.after:,} left), more than the expected "
                f"{expected:.0%}, mostly by {', '.join(reasons(source))}; change the bounds, or "
                f"state the share: [guard] expected.{source} = {min(1, removal.share + 0.01):.2f}"
            )
