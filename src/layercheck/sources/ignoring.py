"""Which paths ``.gitignore`` files and the user's own patterns leave out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pathspec import GitIgnoreSpec

from layercheck.config.patterns import any_pattern, path_patterns
from layercheck.errors import UsageError
from layercheck.sources.paths import join

GITIGNORE = ".gitignore"

_HIDDEN = re.compile(r"(?:^|/)\.\w")


class Layer:
    """The patterns of one place; ``base`` is prepended to a path before it is matched.

    A layer read in the directory ``scope`` sees paths relative to that directory. A layer read
    above the project root sees them relative to that outer directory, hence ``base``.
    """

    def __init__(self, lines: Sequence[str], scope: str = "", base: str = "") -> None:
        self._lines = lines
        self._any = any_pattern(lines)
        self._prefix = f"{scope}/" if scope else ""
        self._base = base

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        return path_patterns(self._lines)

    def verdict(self, path: str) -> bool | None:
        """Return whether ``path`` is left out, or None when no pattern says anything."""
        relative = self._base + path.removeprefix(self._prefix)
        return self._spec.check_file(relative).include if self._any.match(relative) else None


def is_ignored(layers: Sequence[Layer], path: str) -> bool:
    """Tell whether ``path`` is left out; the last layer with an opinion wins.

    A directory must be given with a trailing slash. ``layers`` run from the outermost to the
    innermost, as git weighs them.
    """
    for layer in reversed(layers):
        verdict = layer.verdict(path)
        if verdict is not None:
            return verdict
    return False


def read_gitignore(directory: Path, scope: str = "", base: str = "") -> Layer | None:
    """Return the layer of ``directory``'s ``.gitignore``, or None when it cannot be read."""
    try:
        text = (directory / GITIGNORE).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError:
        return None
    lines = text.splitlines()
    try:
        return Layer(lines, scope, base)
    except ValueError:
        return Layer([line for line in lines if _is_pattern(line)], scope, base)


def outer_layers(project_root: Path) -> list[Layer]:
    """Return the layers of the ``.gitignore`` files above ``project_root``, the outermost first.

    They count only inside a git repository, and only when they do not ignore the project root
    itself: whoever asks for a directory by name wants it read.
    """
    if (project_root / ".git").exists():
        return []
    layers: list[Layer] = []
    base = ""
    inner = project_root
    for directory in project_root.parents:
        base = f"{inner.name}/{base}"
        inner = directory
        layer = read_gitignore(directory, base=base)
        if layer is not None:
            layers.insert(0, layer)
        if (directory / ".git").exists():
            return [] if is_ignored(layers, "") else layers
    return []


def user_layer(patterns: Sequence[str]) -> Layer:
    """Return the layer of the user's patterns; raises `UsageError` for one that is no pattern."""
    for pattern in patterns:
        try:
            path_patterns([pattern])
        except ValueError as error:
            raise UsageError(f'exclude: "{pattern}" is not a gitignore pattern: {error}') from error
    return Layer(patterns)


def idle_patterns(
    patterns: Sequence[str], names: Mapping[str, Collection[str]], pruned: Collection[str]
) -> tuple[str, ...]:
    """Return which of the user's ``patterns`` match nothing.

    Those that take something back, or speak of hidden files or of names that are ``pruned`` anyway, are
    not judged. ``names`` maps directories to the names of all that lies directly in them. What lies
    deeper in a directory that is not among them counts as possible.
    """
    paths = [join(directory, name) for directory, inner in names.items() for name in inner]
    judged = (one for one in patterns if not one.startswith("!") and not _HIDDEN.search(one))
    return tuple(pattern for pattern in judged if not _matches_any(pattern, (*pruned, *paths)))


def _matches_any(pattern: str, paths: Sequence[str]) -> bool:
    spec = path_patterns([pattern])
    return any(spec.match_file(path + rest) for path in paths for rest in ("", "/", "/module.py"))


def _is_pattern(line: str) -> bool:
    """Return whether ``line`` is no pattern that git, too, passes over as malformed."""
    try:
        path_patterns([line])
    except ValueError:
        return False
    return True
