"""Values that stay: an organisation's own hotline, its support address."""

from collections.abc import Iterable

from taojin.pipeline.pii.key import canonical


class Allowed:
    """What a recipe lists: values in any spelling, `@domain` and `name@` for e-mail addresses."""

    def __init__(self, listed: Iterable[str]) -> None:
        given = [one.strip() for one in listed]
        self._values = {canonical(kind, one) for one in given for kind in ("email", "phone")}
        addresses = [canonical("email", one) for one in given]
        self._ends = tuple(sorted(one for one in addresses if one.startswith("@")))
        self._starts = tuple(sorted(one for one in addresses if one.endswith("@")))

    def holds(self, kind: str, value: str) -> bool:
        """Whether the value is listed."""
        if not self._values:
            return False
        spelt = canonical(kind, value)
        if spelt in self._values:
            return True
        return kind == "email" and (spelt.endswith(self._ends) or spelt.startswith(self._starts))
