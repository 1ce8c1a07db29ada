"""What a recipe says of the offline generator: which layers ask, how much, and how far trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LAYERS = ("mined", "definitions", "structure", "facts", "reading")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's switch, its largest share of a document's pairs, and the factor of its scores."""

    on: bool = True
    share: float = 1.0
    prior: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Layers by their name; a document has one pair for so many units, at most."""

    layers: Mapping[str, Layer] = field(
        default_factory=lambda: {
            **dict.fromkeys(LAYERS, Layer()),
            "reading": Layer(on=False, share=0.25),
        }
    )
    units_per_pair: int = 80


def settings(parameters: Mapping[str, Any]) -> Settings:
    """The settings as a task carries them."""
    layers = {name: Layer(**values) for name, values in parameters["layers"].items()}
    return Settings(layers, parameters["units_per_pair"])
