"""The projects flake8 looks at.

flake8 asks file by file, from several processes; what it is told comes from one analysis of the
project, which the first that asks makes and leaves in the cache for the others.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from layercheck.outcome import Outcome

Row = tuple[int, int, str]
"""Line from 1, column from 0, and code with text, as flake8 wants them."""

FAILURE = "LC000 layercheck-cannot-run"
STDIN = "-"


class Projects:
    """The projects of one flake8 call as one process knows them: each is asked for once.

    ``lists`` are the names of the options that hold lists of codes.
    """

    def __init__(self, options: argparse.Namespace, lists: Sequence[str]) -> None:
        self._arguments: list[str] = list(options.filenames) or ["."]
        self._config = Path(options.layercheck_config) if options.layercheck_config else None
        self._cache = Path(options.layercheck_cache_dir) if options.layercheck_cache_dir else None
        self._overrides: dict[str, Any] = {
            name: getattr(options, f"layercheck_{name.replace('-', '_')}")
            for name in (*lists, "preset", "baseline")
        }
        self._roots: dict[str, Path] = {}
        self._findings: dict[Path, dict[str, list[Row]]] = {}

    def rows(self, filename: str, lines: Sequence[str]) -> list[Row]:
        """Return what there is to say of a file; a run that fails is told with the first file."""
        file = os.path.abspath(filename)
        directory = os.path.dirname(file)
        if not os.path.isdir(directory):
            return []
        if STDIN in self._arguments:
            unsaved = {Path(file): "".join(lines).encode("utf-8", "surrogatepass")}
            return self._found([Path(file)], file, unsaved).get(file, [])
        if directory not in self._roots:
            self._roots[directory] = self._root(directory)
        root = self._roots[directory]
        if root not in self._findings:
            self._findings[root] = self._found([root], file)
        return self._findings[root].pop(file, [])

    def _root(self, directory: str) -> Path:
        """Return the project a directory belongs to.

        That is the nearest with settings of layercheck, else what `layercheck check` takes for the
        project of the path flake8 was given.
        """
        from layercheck.sources import find_project_root
        from layercheck.sources.project_root import has_settings

        nearest = find_project_root([directory])
        if has_settings(nearest):
            return nearest
        given = [os.path.abspath(path) for path in self._arguments if os.path.isdir(path)]
        around = [path for path in given if Path(directory).is_relative_to(path)]
        return find_project_root([max(around, key=len)]) if around else nearest

    def _found(
        self, paths: Sequence[Path], first: str, unsaved: dict[Path, bytes] | None = None
    ) -> dict[str, list[Row]]:
        from multiprocessing import current_process

        from layercheck.errors import LayercheckError, NothingToAnalyse
        from layercheck.failures import sentence
        from layercheck.frontends.running import run, run_once

        # flake8's own processes may not start others
        jobs = 1 if current_process().daemon else None
        options: dict[str, Any] = {"cache_directory": self._cache, "jobs": jobs}
        try:
            if unsaved:
                outcome = run(paths, self._config, self._overrides, unsaved=unsaved, **options).outcome
            else:
                outcome = run_once(paths, self._config, self._overrides, **options).outcome
        except NothingToAnalyse:
            return {}
        except LayercheckError as error:
            return {first: [(1, 0, f"{FAILURE}: {'; '.join(str(error).splitlines())}")]}
        except Exception as error:  # a bug here is no reason to lose what flake8 itself finds
            return {first: [(1, 0, f"{FAILURE}: internal error: {sentence('layercheck', error)}")]}
        return _by_file(outcome, first)


def _by_file(outcome: Outcome, first: str) -> dict[str, list[Row]]:
    from layercheck.finding import Severity
    from layercheck.report.style import printable

    rows: dict[str, list[Row]] = {}
    for sentence in outcome.internal_errors:
        rows.setdefault(first, []).append((1, 0, f"{FAILURE}: internal error: {sentence}"))
    for finding in outcome.new:
        if finding.severity is not Severity.ADVICE:
            place = finding.place
            file = os.path.normpath(os.path.join(outcome.root, place.path))
            text = printable(f"{finding.code} {finding.name}: {finding.message}")
            rows.setdefault(file, []).append((place.line, place.column - 1, text))
    return rows
