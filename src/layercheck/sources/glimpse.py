"""A quick look at the text of a file: what it imports, whether it reads like a test.

This is no parser. It serves to tell import roots and roles apart before anything is analysed;
the first kilobytes are enough, and a file that turns out unreadable simply says nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

_WINDOW = 16 * 1024

# A line end is quicker found than the start of a line, and blanks not given back are quicker passed over.
_IMPORT = re.compile(
    rb"\n[ \t]*+(?:import[ \t]+([\w.]+)"
    rb"|from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(?:\([ \t]*(?:#[^\n]*)?\s*)?(\w*))"
)
_TESTING = re.compile(rb"\b(?:pytest|unittest|TestClient|dependency_overrides)\b")
_TEST_CASE = re.compile(rb"^[ \t]*(?:async[ \t]+)?(?:def[ \t]+test|class[ \t]+Test)", re.MULTILINE)
_FIXTURE = re.compile(rb"^@(?:pytest(?:_asyncio)?\.)?fixture\b", re.MULTILINE)
_APPLICATION = re.compile(rb"\b(?:APIRouter|BaseModel|DeclarativeBase|SQLModel)\b")


class Import(msgspec.Struct, frozen=True):
    """``import module`` or ``from module import name``; ``name`` is the first one listed."""

    module: str
    name: str = ""


class Glimpse(msgspec.Struct, frozen=True):
    """What a quick look tells.

    ``imports`` are the absolute imports outside the standard library, ``levels`` the number of
    dots of each relative import.
    """

    imports: frozenset[Import] = frozenset()
    levels: tuple[int, ...] = ()


def glance(file: str | Path) -> Glimpse:
    """Return what the beginning of ``file`` imports; nothing if it cannot be read."""
    return glimpse_of(_beginning(file))


def glimpse_of(text: bytes) -> Glimpse:
    """Return what ``text`` imports."""
    imports: set[Import] = set()
    levels: list[int] = []
    for plain, dots, module, name in _IMPORT.findall(b"\n" + text):
        if dots:
            levels.append(len(dots))
            continue
        dotted = (plain or module).decode("utf-8", "replace")
        if dotted.partition(".")[0] not in sys.stdlib_module_names:
            imports.add(Import(dotted, name.decode("utf-8", "replace")))
    return Glimpse(frozenset(imports), tuple(levels))


def reads_like_a_test(file: Path) -> bool:
    """Tell whether ``file`` uses a test framework or defines tests."""
    text = _beginning(file)
    if _TESTING.search(text):
        return True
    # A route called test_connection makes no test of a router.
    return _TEST_CASE.search(text) is not None and _APPLICATION.search(text) is None


def defines_fixtures(file: Path) -> bool:
    """Tell whether a function of the module ``file`` is decorated as fixtures of pytest are."""
    return _FIXTURE.search(_beginning(file)) is not None


def _beginning(file: str | Path) -> bytes:
    try:
        with open(file, "rb", buffering=0) as stream:
            return stream.read(_WINDOW)
    except OSError:
        return b""
