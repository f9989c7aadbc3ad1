"""Numbers that code hands over: those of a call, and status codes by their names."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from layercheck.inference.values import Const, External, Values


class Given(msgspec.Struct, frozen=True):
    """The numbers a call hands over; None stands for what is not known to be one number."""

    positional: tuple[int | None, ...] = ()
    keywords: Mapping[str, int | None] = {}
    is_open: bool = False

    def has(self, index: int, name: str) -> bool:
        """Return whether an argument is given, or may be by a starred one."""
        return self.is_open or index < len(self.positional) or name in self.keywords

    def number(self, index: int, name: str) -> int | None:
        """Return an argument by its position or its name."""
        return self.positional[index] if index < len(self.positional) else self.keywords.get(name)


def number_of(values: Values) -> int | None:
    """Return the one status code ``values`` are, None for none or several."""
    found: set[int | None] = set()
    for value in values:
        match value:
            case Const(value=int() as number) if not isinstance(number, bool):
                found.add(number)
            case External(name=name):
                found.add(named(name))
            case _:
                found.add(None)
    return found.pop() if len(found) == 1 else None


def named(name: str) -> int | None:
    """Return the number of ``status.HTTP_404_NOT_FOUND`` or ``HTTPStatus.NOT_FOUND``, None for others."""
    head, _, last = name.removesuffix(".value").rpartition(".")
    if head == "http.HTTPStatus":
        return HTTPStatus.__members__[last].value if last in HTTPStatus.__members__ else None
    digits = last.removeprefix("HTTP_")[:3]
    return int(digits) if last.startswith("HTTP_") and digits.isdigit() else None
