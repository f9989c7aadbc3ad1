"""Which versions of a package a project runs with, from its lock files and requirements."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # what takes versions apart is loaded where there are some
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_PIPFILE_LOCK = "Pipfile.lock"
_LISTS = ("requirements.txt", "requirements.in", "requirements/*.txt", "requirements-*.txt")
_PYPROJECT = "pyproject.toml"

_CARET = re.compile(r"[\^~]\s*(\d+)(?:\.(\d+))?(?:\.\d+)*")
_TABLE = re.compile(r"^(?=[ \t]*\[\[packages?\]\])", re.MULTILINE)
_SEPARATORS = re.compile(r"[-_.]+")
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError)

MOST_MINORS = 250
"""Requirements are judged on the first release and a late one of so many minor versions."""


class Versions:
    """A set of versions, as a specifier tells it."""

    def __init__(self, specifier: SpecifierSet) -> None:
        self._specifier = specifier

    @classmethod
    def parse(cls, text: str) -> Versions:
        """Return the versions ``text`` means: one version, or a specifier; ValueError for neither."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
        from packaging.version import InvalidVersion, Version

        try:
            return cls(SpecifierSet(f"=={Version(text)}"))
        except InvalidVersion:
            pass
        try:
            return cls(SpecifierSet(text))
        except InvalidSpecifier as error:
            raise ValueError(f"{text!r} is no version") from error

    def all_are(self, kind: Callable[[tuple[int, ...]], bool]) -> bool | None:
        """Return whether all versions are of a kind, or none; None where some are or nothing is known."""
        judged = {kind(version.release) for version in self._candidates() if version in self._specifier}
        return judged.pop() if len(judged) == 1 else None

    def _candidates(self) -> Iterator[Version]:
        from packaging.version import Version

        for one in self._specifier:
            if one.operator in ("==", "==="):
                yield Version(one.version.removesuffix(".*"))
                if not one.version.endswith(".*"):
                    return
        for minor in range(MOST_MINORS):
            for patch in (0, 99):
                yield Version(f"0.{minor}.{patch}")
                yield Version(f"{minor + 1}.0.{patch}")

    def __str__(self) -> str:
        pinned = [one.version for one in self._specifier if one.operator == "=="]
        return pinned[0] if len(pinned) == 1 else str(self._specifier)


def versions_of(package: str, file: Path, project_root: Path) -> Versions | None:
    """Return the versions of ``package`` that the code in ``file`` may run with, None if nobody tells.

    The nearest lock file in the directories from that of ``file`` up to ``project_root`` wins, then the
    nearest list of requirements. What cannot be read tells nothing.
    """
    directories = [one for one in file.parents if one == project_root or project_root in one.parents]
    for tell in (_locked, _required):
        for directory in directories:
            found = tell(directory, _canonical(package))
            if found is not None:
                return found
    return None


def _locked(directory: Path, package: str) -> Versions | None:
    for name in _LOCKS:
        # a lock may have a hundred thousand lines: only tables that name the package are parsed
        for table in _TABLE.split(_text(directory / name))[1:]:
            lock = _toml(table) if package in _canonical(table) else {}
            for one in (*_tables(lock.get("package")), *_tables(lock.get("packages"))):
                if _canonical(str(one.get("name", ""))) == package and "version" in one:
                    return _parsed(str(one["version"]))
    try:
        pipfile = json.loads((directory / _PIPFILE_LOCK).read_text("utf-8"))
        return _parsed(pipfile["default"][package]["version"])
    except _BROKEN:
        return None


def _required(directory: Path, package: str) -> Versions | None:
    from packaging.requirements import InvalidRequirement, Requirement

    told = [*_listed(directory), *_declared(_toml(_text(directory / _PYPROJECT)))]
    for text in told:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if _canonical(requirement.name) == package:
            return Versions(requirement.specifier)
    return None


def _listed(directory: Path) -> Iterator[str]:
    for pattern in _LISTS:
        for file in sorted(directory.glob(pattern)):
            try:
                lines = _decoded(file.read_bytes()).splitlines()
            except _BROKEN:
                continue
            yield from (re.split(r"\s#|\s--|\s\\$", line)[0].strip() for line in lines)


def _declared(pyproject: dict[str, Any]) -> Iterator[str]:
    """Yield the dependencies a pyproject.toml declares; those of Poetry in the standard form."""
    project = pyproject.get("project")
    dependencies = project.get("dependencies") if isinstance(project, dict) else ()
    yield from (str(one) for one in dependencies or ())
    tool = pyproject.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    declared = poetry.get("dependencies") if isinstance(poetry, dict) else None
    for name, told in declared.items() if isinstance(declared, dict) else ():
        version = told.get("version", "") if isinstance(told, dict) else told
        if isinstance(version, str):
            exact = "==" if version[:1].isdigit() else ""
            yield f"{name} {exact}{_CARET.sub(_range, version) if version != '*' else ''}"


def _range(caret: re.Match[str]) -> str:
    lowest = caret[0].lstrip("^~ ")
    major, minor = int(caret[1]), int(caret[2] or 0)
    is_minor = caret[0].startswith("~") or major == 0
    return f">={lowest},<{major}.{minor + 1}" if is_minor else f">={lowest},<{major + 1}"


def _canonical(text: str) -> str:
    """Return ``text`` with names as https://peps.python.org/pep-0503/#normalized-names writes them."""
    return _SEPARATORS.sub("-", text).lower()


def _decoded(content: bytes) -> str:
    """Return the text of a list of requirements; pip heeds byte order marks, PowerShell writes UTF-16."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except _BROKEN:
        return ""


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except _BROKEN:
        return {}


def _tables(value: object) -> Iterator[dict[str, Any]]:
    yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))


def _parsed(text: str) -> Versions | None:
    try:
        return Versions.parse(text)
    except ValueError:
        return None
