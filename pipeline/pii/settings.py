"""What is to become of personal data: the kinds, what is done with each, and what stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from taojin.core.errors import UserError, unknown
from taojin.pipeline.pii import fakes
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, DETECTORS, KINDS
from taojin.pipeline.pii.engines import kind_of

MASK, FAKE, DROP, COUNT = ACTIONS = ("mask", "fake", "drop", "count")
"""A placeholder; a fake, or a placeholder where there is none; a placeholder, and the document is
dropped; nothing, but values are counted.
"""
LEAST_CONFIDENCE = 0.5
GROUPS = {"default": DEFAULT_KINDS, "all": KINDS}
"""What a recipe may name in the place of kinds."""


@dataclass(frozen=True)
class Settings:
    """UserError for an unknown kind or action, and for a share that is none."""

    action: str = MASK
    kinds: tuple[str, ...] = DEFAULT_KINDS
    actions: Mapping[str, str] = field(default_factory=dict)
    """By kind, where it is another than `action`."""
    least_confidence: float = LEAST_CONFIDENCE
    """Detectors that are surer than that are used."""
    engines: tuple[str, ...] = ()
    """Models that look for values beside the detectors (`pii.engines`)."""
    allow: tuple[str, ...] = ()
    """Values that stay: spelt in any way, `@domain` or `name@`."""

    def __post_init__(self) -> None:
        if len(set(self.kinds)) != len(self.kinds) or not self.kinds:
            raise UserError(
                "pii: kinds must name at least one kind, each once; leave it out for those "
                "that are on by default"
            )
        known = {*KINDS, *(kind for name in self.engines for kind in kind_of(name).kinds)}
        for kind in self.kinds:
            if kind not in known:
                raise unknown("pii", "kind", kind, {*known, *GROUPS})
        for kind in self.actions:
            if kind not in known:
                raise unknown("pii.actions", "kind", kind, known)
        for action in (self.action, *self.actions.values()):
            if action not in ACTIONS:
                raise unknown("pii", "action", action, ACTIONS)
        for kind in self.actions:
            if kind not in self.kinds:
                raise UserError(
                    f"pii.actions: '{kind}' is not among the kinds; add it to pii.kinds"
                )

    def action_for(self, kind: str) -> str:
        return self.actions.get(kind, self.action)

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """Those of its kinds that are sure enough."""
        return tuple(
            detector
            for detector in DETECTORS
            if detector.kind in self.kinds and detector.confidence >= self.least_confidence
        )

    @property
    def dropped(self) -> tuple[str, ...]:
        """The kinds of which a document may hold none."""
        return tuple(kind for kind in self.kinds if self.action_for(kind) == DROP)

    @property
    def makes_fakes(self) -> bool:
        """Whether any kind gets fakes, for which a key is needed."""
        return any(self.action_for(kind) == FAKE for kind in self.kinds)

    def has_fakes(self, kind: str) -> bool:
        return self.action_for(kind) == FAKE and kind in fakes.KINDS
