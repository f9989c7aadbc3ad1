"""How text is dressed for the eye, and kept from speaking to the terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable

import msgspec

from layercheck.finding import Severity
from layercheck.location import Place


class Style:
    """Leaves text as it is; a style with colours answers the same questions with escape codes."""

    def severity(self, severity: Severity, text: str) -> str:
        """Return ``text`` as a finding of ``severity`` is marked."""
        return text

    def strong(self, text: str) -> str:
        """Return ``text`` so that it stands out."""
        return text

    def faint(self, text: str) -> str:
        """Return ``text`` so that it stands back."""
        return text


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader of a report asked for.

    ``everything`` lifts the cap on warnings and shows advice, ``statistics`` adds the counts per
    rule, ``quiet`` leaves only findings. ``cap`` is the number of warnings shown per rule, ``width`` the
    columns of the terminal, None where there is none and lines may be as long as they like. ``prefix`` leads
    from the top of the repository to the project, empty or with a slash at its end: other systems look for
    files from there. ``shown`` turns a path from the project root into one for people, who stand elsewhere.
    """

    everything: bool = False
    statistics: bool = False
    quiet: bool = False
    cap: int = 10
    width: int | None = None
    prefix: str = ""
    style: Style = Style()
    shown: Callable[[str], str] = str


def printable(text: str) -> str:
    """Return ``text`` on one line, with control, formatting and unencodable characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_unprintable(char) else char for char in text)


def located(place: Place, options: Options) -> str:
    """Return ``place`` so that terminals and editors lead to it."""
    return printable(f"{options.shown(place.path)}:{place.line}:{place.column}")


def folded(text: str, width: int | None, indent: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` characters, as far as words allow; None folds nothing.

    All lines but the first are indented.
    """
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(
        text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def _is_unprintable(char: str) -> bool:
    # the last two code points of each plane are no characters; XML for one cannot hold them
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") or ord(char) & 0xFFFE == 0xFFFE


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def counted(number: int, noun: str) -> str:
    """Return ``number`` with its noun, in the plural where it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
