"""What is known of a document while its parts are read."""

from dataclasses import dataclass, field

from taojin.pipeline.ingest.documents.rst.inline import Inline


@dataclass
class State:
    """What the parts of one document share: its text's reader, the levels of its headings."""

    inline: Inline
    fields: dict[str, str] = field(default_factory=dict)
    first_heading: str = ""
    has_text: bool = False
    language: str = ""
    """Of code that names none."""
    levels: list[tuple[str, bool]] = field(default_factory=list)

    def level(self, sign: str, is_over: bool) -> int:
        """The level of a section by its adornment, in the order in which they come up."""
        if (sign, is_over) not in self.levels:
            self.levels.append((sign, is_over))
        return self.levels.index((sign, is_over)) + 1
