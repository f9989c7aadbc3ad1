"""Kinds of bad input: files, names and programs, each with what is said of it.

`docs/reliability.md` shows the table; `test_unbreakable.py` makes each kind beside a sound application.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ODD = "app/odd.py"
"""The file that most kinds are about."""


@dataclass(frozen=True)
class Kind:
    """One kind: ``make`` puts it below a project root, ``said`` is how the line begins that tells of it."""

    name: str
    make: Callable[[Path], object]
    said: str = ""

    @property
    def done(self) -> str:
        """What is done, in the words of the documentation."""
        reason = self.said.partition("not read: ")[2] or "what Python says of it"
        return f"LC009: {reason}" if self.said else "read"


def data(content: bytes, path: str = ODD) -> Callable[[Path], object]:
    """Return what writes a file."""

    def make(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    return make


def text(content: str, path: str = ODD) -> Callable[[Path], object]:
    """Return what writes a file as UTF-8."""
    return data(content.encode("utf-8", "surrogatepass"), path)


def files_of(contents: dict[str, str]) -> Callable[[Path], object]:
    """Return what writes several files, by their paths."""

    def make(root: Path) -> None:
        for path, content in contents.items():
            text(content, path)(root)

    return make


def unread(reason: str, at: str = "1:1", path: str = ODD) -> str:
    """Return the line that says why a file is not read; the reasons Python gives change with its version."""
    return f"{path}:{at}: LC009 file-not-parsed: not read: {reason}"


def link(target: str, path: str = ODD) -> Callable[[Path], object]:
    """Return what makes a link."""
    return lambda root: (root / path).symlink_to(target)


def _socket(root: Path) -> None:
    here = os.getcwd()
    os.chdir(root / "app")  # the path of a socket may have a hundred letters
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("odd.py")
    finally:
        os.chdir(here)


def _link_to_pipe(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / ODD).symlink_to("../pipe")


def _outside(root: Path) -> None:
    (root.parent / "outside").mkdir()
    (root.parent / "outside/module.py").touch()
    (root / "app/odd").symlink_to(root.parent / "outside")


def _chain_of_classes(count: int) -> str:
    return "class C0: ...\n" + "".join(f"class C{n + 1}(C{n}): ...\n" for n in range(count))


TOO_DEEP = unread("nested too deeply to be read")

TEXTS = (
    Kind("an empty file", data(b"")),
    Kind("a comment and nothing else", data(b"# nothing")),
    Kind("a byte order mark", data(b"\xef\xbb\xbfx = 1\n")),
    Kind("a coding comment", data(b"# coding: latin-1\nx = '\xe9'\n")),
    Kind("an unknown encoding", data(b"# coding: klingon\n"), unread("unknown encoding: klingon")),
    Kind("a coding comment that names no text", data(b"# coding: rot13\n"), unread("")),
    Kind("a byte order mark and another encoding", data(b"\xef\xbb\xbf# coding: latin-1\n"), unread("")),
    Kind(
        "bytes that are no UTF-8",
        data(b"x = 1\ny = '\xe9'\n"),
        unread("not readable as utf-8: invalid continuation byte", "2:1"),
    ),
    Kind("UTF-16", data("x = 1\n".encode("utf-16")), unread("")),
    Kind("a NUL byte", data(b"x = 1\n\0"), unread("")),
    Kind("line ends of Windows", data(b"x = 1\r\nif x:\r\n    y = 2\r\n")),
    Kind("line ends of old Macintoshes", data(b"x = 1\rif x:\r    y = 2\r")),
    Kind("line ends of all kinds", data(b"x = 1\rif x:\r\n    y = 2\n")),
    Kind("form feeds and vertical tabs", data(b"x = 1\n\x0c\ny = 2\n\x0cdef f(): ...\n")),
    Kind("no line end at the end", data(b"def f():\n    return 1")),
    Kind("a backslash at the end", data(b"x = 1 + \\"), unread("", "1:10")),
    Kind("tabs and spaces mixed", data(b"if 1:\n\tx = 1\n        y = 2\n"), unread("", "3:1")),
    Kind("a line of a megabyte", text(f"x = '{'a' * 2**20}'\n")),
    Kind("a list of 100 000 numbers", text(f"x = [{'1, ' * 100_000}]\n")),
    Kind("a file of 50 MB", text("# a line of a file that is too long\n" * 1_400_000)),
    Kind("10 000 nested brackets", text("[" * 10_000 + "]" * 10_000), TOO_DEEP),
    Kind("10 000 open brackets", text("(" * 10_000), TOO_DEEP),
    Kind("1000 nested blocks", text("".join(f"{' ' * n}if 1:\n" for n in range(1000))), unread("", "101:1")),
    Kind("10 000 signs before a number", text(f"x = {'-' * 10_000}1\n"), TOO_DEEP),
    Kind("a sum of 10 000 parts", text(f"x = {'1 + ' * 10_000}1\n"), TOO_DEEP),
    Kind("a chain of 10 000 calls", text(f"x = y{'.z()' * 10_000}\n"), TOO_DEEP),
    Kind("10 000 branches", text("if x:\n    pass\n" + "elif x:\n    pass\n" * 10_000), TOO_DEEP),
    Kind("a number of 10 000 digits", text(f"x = {'1' * 10_000}\n"), unread("")),
    Kind("a string that is half a pair", text("x = '\\ud800'\n")),
    Kind("half a pair as a byte", text("x = '\ud800'\n"), unread("")),
    Kind("escapes Python warns of", text("x = '\\d'\ny = 1 is 1\n")),
    Kind("names of other scripts", text("π = 1\nﬁ = π\nclass Größe: ...\n")),
    Kind("letters that turn the text around", text("x = '\u202e'  # \u2066\n")),
    Kind("Python 2", text("print 'x'\n"), unread("")),
    Kind("marks of a merge conflict", text("<<<<<<< HEAD\nx = 1\n=======\n"), unread("")),
    Kind("half a function", text("def f(x,\n"), unread("", "1:6")),
    Kind(
        "no Python at all",
        data(bytes(range(256))),
        unread("not readable as utf-8: invalid start byte", "2:1"),
    ),
    Kind("a program, compiled", data(b"\xa7\r\r\n\0\0\0\0"), unread("")),
    Kind("syntax of Python 3.14", text("try:\n    x = t'{1}'\nexcept A, B:\n    pass\n")),
    Kind("syntax of Python 3.12", text("type X[T] = list[T]\ndef f[T](x: T) -> T:\n    return f'{'a'}'\n")),
)

FILES = (
    Kind("a directory called like a module", lambda root: (root / ODD).mkdir()),
    Kind("a directory called like a module, with modules", text("x = 1\n", "app/odd.py/inner.py")),
    Kind("a link to nothing", link("nowhere"), unread("link to nothing")),
    Kind("a link to itself", link("odd.py"), unread("too many levels of symbolic links")),
    Kind("a link to a directory", link("../app"), unread("link to a directory")),
    Kind("a directory that leads back to the project", link("..", "app/odd")),
    Kind("a directory outside", _outside, unread("link to a directory outside the project", path="app/odd")),
    Kind("a pipe", lambda root: os.mkfifo(root / ODD), unread("not a regular file")),
    Kind("a link to a pipe", _link_to_pipe, unread("not a regular file")),
    Kind("a socket", _socket, unread("not a regular file")),
    Kind("a device that never ends", link("/dev/zero"), unread("not a regular file")),
    Kind(
        "a name that is no UTF-8", lambda root: Path(os.fsdecode(bytes(root / "app") + b"/\xe9.py")).touch()
    ),
    Kind(
        "a name of two lines that cannot be read", text("(", "app/a\nb.py"), unread("", path="app/a\\nb.py")
    ),
    Kind(
        "a name that commands the terminal",
        text("(", "app/\x1b[31mred.py"),
        unread("", path="app/\\x1b[31mred.py"),
    ),
    Kind("a name that commands GitHub", text("(", "app/::error::x.py"), unread("", path="app/::error::x.py")),
    Kind("a name that is no module name", text("x = 1\n", "app/no-module name.py")),
    Kind("a name that is a keyword", text("x = 1\n", "app/class.py")),
    Kind("a name of 255 letters", text("x = 1\n", f"app/{'a' * 252}.py")),
    Kind("100 directories in each other", text("x = 1\n", f"app/{'d/' * 100}odd.py")),
    Kind("names that differ in case", files_of({"app/odd.py": "x = 1\n", "app/ODD.py": "x = 2\n"})),
    Kind("a module and a package of one name", files_of({ODD: "x = 1\n", "app/odd/__init__.py": "x = 2\n"})),
    Kind(
        "a module of one name in two roots",
        files_of(
            {
                "a/pyproject.toml": "",
                "a/same.py": "import same\n",
                "b/pyproject.toml": "",
                "b/same.py": "import same\n",
            }
        ),
    ),
    Kind("a module called like one of Python", text("import typing\n", "typing.py")),
    Kind("a package without `__init__`", text("from app.deep.odd import x\nx = 1\n", "app/deep/odd.py")),
)


def _programs() -> Iterator[Kind]:
    """Yield the kinds of `bad_programs.md`: a heading for each, and a block for each file."""
    page = Path(__file__).with_name("bad_programs.md").read_text("utf-8")
    for part in page.split("\n## ")[1:]:
        name, _, rest = part.partition("\n")
        files = re.findall(r'^```python title="(.+?)"\n(.*?)^```$', rest, re.MULTILINE | re.DOTALL)
        yield Kind(name, files_of(dict(files)))


PROGRAMS = (
    *_programs(),
    Kind("300 classes, each below the last", text(_chain_of_classes(300) + "C300().x()\n")),
    Kind("a lambda in a lambda in a lambda", text(f"x = {'lambda: ' * 50}1\nx()()()\n")),
    Kind(
        "comprehensions 15 deep", text(f"x = {'[' * 15}1{''.join(f' for a{n} in x]' for n in range(15))}\n")
    ),
    Kind(
        "a function with 1000 parameters",
        text(f"def f({', '.join(f'p{n}' for n in range(1000))}): ...\nf({'1, ' * 1000})\n"),
    ),
    Kind(
        "a function that calls 500 others",
        text("".join(f"def f{n}(): return f{n + 1}()\n" for n in range(500)) + "def f500(): ...\n"),
    ),
)

KINDS = (*TEXTS, *FILES, *PROGRAMS)
