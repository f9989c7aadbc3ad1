"""The files of an extraction: new ones as they are put together, those that exist as edits."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.extract.names import Origin, Origins, is_same
from layercheck.fixes.extract.places import Home
from layercheck.fixes.fix import Context
from layercheck.fixes.import_lines import ImportLines
from layercheck.fixes.leftovers import without_leftovers

_BUILTINS = frozenset(dir(builtins))
_DEFINED = re.compile(r"^(?:class |def |async def )?(\w+)(?=\(| = |:)", re.MULTILINE)


@dataclass(slots=True)
class _New:
    """A file that is put together: its docstring, what it imports and its definitions."""

    home: Home
    doc: str
    needs: dict[Origin, None] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)


class Pages:
    """Collects what is written where; ``width`` is the length of a line."""

    def __init__(self, context: Context, code: Code, front: int, width: int) -> None:
        """Make pages; in the file of the handler, ``code``, new definitions go to ``front``."""
        self._context = context
        self._handler = code
        self._front = front
        self._width = width
        self.documents = code.module.get_docstring() is not None
        self._new: dict[str, _New] = {}
        self._edits: dict[str, list[Edit]] = {}
        self._needs: dict[str, dict[Origin, None]] = {}
        self._homes: dict[str, Home] = {}
        self._packages: dict[str, None] = {}

    def add(self, home: Home, text: str, needs: Iterable[Origin], doc: str = "") -> None:
        """Put a definition into a file: in front of the handler in its own, at the end of another."""
        self._refuse_twice(home, text)
        if home.module is None:
            page = self._new.setdefault(home.path, _New(home, doc if self.documents else ""))
            page.blocks.append(text)
            page.needs.update(dict.fromkeys(needs))
        elif home.path == self._handler.path:
            self.edit(home, [self._handler.insert(self._front, f"{text}\n\n\n")], needs)
        else:
            code = self._context.code(home.path)
            body = code.text.rstrip()
            end = len(code.text)
            gap = code.text[len(body) :].count("\n")
            lead = "" if not body else "\n" * max(3 - gap, 0) if gap < 3 else ""
            self.edit(home, [code.insert(end, f"{lead}{text}\n")], needs)

    def _refuse_twice(self, home: Home, text: str) -> None:
        """Refuse a definition whose name the file has already."""
        if home.module is None:
            if self._context.exists(home.path):
                raise Refused(f"{home.path} is there already, and no part of the project")
            return
        origins = Origins(self._context.code(home.path), home.module)
        for name in _DEFINED.findall(text):
            if origins.knows(name):
                raise Refused(f"the name {name} is taken in {home.path}")

    def edit(self, home: Home, edits: Iterable[Edit], needs: Iterable[Origin] = ()) -> None:
        """Change a file that exists."""
        self._homes[home.path] = home
        self._edits.setdefault(home.path, []).extend(edits)
        self._needs.setdefault(home.path, {}).update(dict.fromkeys(needs))

    def package(self, paths: Iterable[str]) -> None:
        """Make folders packages."""
        self._packages.update(dict.fromkeys(paths))

    def is_new(self, home: Home) -> bool:
        """Return whether a file that is put together was begun already."""
        return home.path in self._new

    def contents(self) -> dict[str, bytes]:
        """Return the new contents of all files; raises `Refused` where one cannot be what it should."""
        found: dict[str, bytes] = dict.fromkeys(self._packages, b"")
        newline = self._handler.newline
        for page in self._new.values():
            found[page.home.path] = self._text(page).replace("\n", newline).encode("utf-8")
        for path, edits in self._edits.items():
            code = self._context.code(path)
            every = [*self._imports(code, path), *edits]
            found[path] = without_leftovers(self._context.view, code, code.with_edits(every))
        return found

    # New files ----------------------------------------------------------------------------------

    def _text(self, page: _New) -> str:
        parts = [f'"""{page.doc}"""\n'] if page.doc else []
        imports = self._written(page)
        if imports:
            parts.append(imports)
        head = "\n".join(parts)
        body = "\n\n\n".join(page.blocks)
        return f"{head}\n\n{body}\n" if head else f"{body}\n"

    def _written(self, page: _New) -> str:
        groups: dict[int, list[str]] = {}
        modules: dict[str, dict[str, None]] = {}
        bound: dict[str, Origin] = {}
        for origin in page.needs:
            known = bound.setdefault(origin.bound, origin)
            if not is_same(self._context.view, known, origin):
                raise Refused(f"the name {origin.bound} would mean two things in {page.home.path}")
            if origin.module == page.home.name or known is not origin:
                continue
            if origin.name:
                text = origin.name if origin.name == origin.bound else f"{origin.name} as {origin.bound}"
                modules.setdefault(origin.module, {})[text] = None
            else:
                groups.setdefault(self._rank(origin.module), []).append(_import(origin))
        for module, names in modules.items():
            groups.setdefault(self._rank(module), []).append(self._from(module, sorted(names)))
        return "\n".join(
            "".join(f"{line}\n" for line in sorted(groups[rank], key=_sorting)) for rank in sorted(groups)
        )

    def _from(self, module: str, names: list[str]) -> str:
        line = f"from {module} import {', '.join(names)}"
        if len(line) <= self._width:
            return line
        return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])

    def _rank(self, module: str) -> int:
        top = module.partition(".")[0]
        if top == "__future__":
            return 0
        own = {one.name.partition(".")[0] for one in self._context.view.project.program.modules}
        if top in own:
            return 3
        return 1 if top in sys.stdlib_module_names else 2

    # Files that exist ---------------------------------------------------------------------------

    def _imports(self, code: Code, path: str) -> Iterator[Edit]:
        home = self._homes[path]
        origins = Origins(code, home.module) if home.module is not None else None
        wanted: list[tuple[str, str]] = []
        for origin in self._needs[path]:
            if origin.module == home.name or origins is None:
                continue
            if origins.knows(origin.bound):
                known = origins.of(origin.bound)
                if known is not None and not is_same(self._context.view, known, origin):
                    raise Refused(f"the name {origin.bound} means something else in {path}")
            elif origin.bound in _BUILTINS and origin.bound in code.names:
                raise Refused(f"the name {origin.bound} is taken in {path}")
            elif origin.name == origin.bound or _is_plain(origin):
                wanted.append((origin.module, origin.name))
            else:
                yield code.insert_line(_behind_imports(code), f"{_import(origin)}\n")
        yield from ImportLines(code, home.module, self._context.view.project.program).added(wanted)


def _import(origin: Origin) -> str:
    if origin.name:
        return f"from {origin.module} import {origin.name} as {origin.bound}"
    return f"import {origin.module}" if _is_plain(origin) else f"import {origin.module} as {origin.bound}"


def _is_plain(origin: Origin) -> bool:
    """Return whether a module is imported by its own name."""
    return not origin.name and origin.module.partition(".")[0] == origin.bound


def _sorting(line: str) -> tuple[bool, str]:
    return line.startswith("from "), line.split()[1].lower()


def _behind_imports(code: Code) -> int:
    last = 0
    for statement in code.module.body:
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], (cst.Import, cst.ImportFrom)
        ):
            last = code.range(statement).end.line
    return last + 1
