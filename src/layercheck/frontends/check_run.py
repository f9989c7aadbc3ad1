"""A call of ``layercheck check`` carried out: the run, its reports, and what is said beside them."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from layercheck.errors import ExitCode, UsageError
from layercheck.frontends.colours import Coloured, When, style_for, width_of
from layercheck.frontends.progress import Bar
from layercheck.frontends.running import Run, run
from layercheck.frontends.shown_paths import seen_from
from layercheck.frontends.talk import complain
from layercheck.report.formats import WITH_MAP, formatter
from layercheck.report.style import Options

if TYPE_CHECKING:
    from layercheck.cache.replay import Call
    from layercheck.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Check:
    """A call with all that was asked for.

    ``paths`` are reported on; ``settings`` are options by the key of the setting, ``unsaved`` maps files to
    what counts instead of their contents. ``changed_since`` is a commit or branch of git. ``options`` are
    those of the reports, of which ``output_files`` names format and file.
    """

    paths: tuple[Path, ...]
    config: Path | None
    settings: Mapping[str, Sequence[str] | str | None]
    changed_since: str | None
    unsaved: Mapping[Path, bytes]
    output_format: str
    output_files: tuple[tuple[str, Path], ...]
    options: Options
    color: When
    exit_zero: bool
    verbose: bool
    cache: bool
    cache_directory: Path | None
    jobs: int | None

    @property
    def near(self) -> Sequence[Path]:
        """Paths of the project."""
        return [file.parent for file in self.unsaved] or self.paths

    def report(self, before: Outcome | None = None, again: Call | None = None) -> Outcome:
        """Check the project and report, all of it or how it differs from ``before``.

        ``again`` keeps what is printed for when the same is asked once more. Raises what
        `layercheck.frontends.running.run` raises, and `UsageError` where git cannot tell what has changed or
        a report cannot be written.
        """
        started = time.perf_counter()
        for _, file in self.output_files:
            _find_place(file)
        done = self._run()
        outcome = done.outcome
        options = structs.replace(self.options, prefix=_prefix(Path(outcome.root)))
        for name, file in self.output_files:
            _write(file, formatter(name)(outcome, options))
        style = style_for(self.color, sys.stdout)
        shown = seen_from(os.getcwd(), outcome.root)
        dressed = structs.replace(options, style=style, width=width_of(sys.stdout), shown=shown)
        if before is None:
            text = formatter(self.output_format)(outcome, dressed)
        else:
            from layercheck.report.difference import render

            text = render(before, outcome, dressed, is_concise=self.output_format == "concise")
        click.echo(text, nl=False, color=isinstance(style, Coloured))
        for sentence in outcome.internal_errors:
            complain(f"internal error: {sentence}")
        if self.verbose:
            seconds = time.perf_counter() - started
            complain(f"{outcome.root}: {done.how.value}, {seconds:.2f} s")
        if self.verbose and done.cache_failure:
            complain(f"nothing kept for the next run: {done.cache_failure}")
        if again is not None and done.seen is not None and not self._does_more:
            again.keep(*done.seen, text, self.exit_code(outcome))
        return outcome

    def exit_code(self, outcome: Outcome) -> ExitCode:
        """Return how the process ends after ``outcome``."""
        is_hidden = self.exit_zero and outcome.exit_code is ExitCode.FINDINGS
        return ExitCode.CLEAN if is_hidden else outcome.exit_code

    @property
    def _does_more(self) -> bool:
        """Whether printing its report again is not all the same call does again."""
        return self.verbose or bool(self.output_files) or self.changed_since is not None

    def _run(self) -> Run:
        changed = _changed(self.near, self.changed_since) if self.changed_since is not None else None
        formats = (self.output_format, *(name for name, _ in self.output_files))
        with Bar(quiet=self.options.quiet) as bar:
            done = run(
                self.paths,
                self.config,
                self.settings,
                cache=self.cache,
                cache_directory=self.cache_directory,
                jobs=self.jobs,
                unsaved=self.unsaved,
                progress=bar,
                with_map=any(name in WITH_MAP for name in formats),
            )
        if changed is None:
            return done
        from layercheck.triage.changed import touching

        return done._replace(outcome=touching(done.outcome, changed, self.changed_since or ""))


def _changed(near: Sequence[Path], since: str) -> frozenset[str]:
    from layercheck.sources import find_project_root
    from layercheck.sources.changes import changed_files

    root = find_project_root(near)
    try:
        return changed_files(root, since)
    except UsageError as error:
        raise UsageError(f"--changed-since: {error}") from None


def _prefix(root: Path) -> str:
    """Return the way from the top of the repository to ``root``, where other systems look for files from."""
    from layercheck.sources.project_root import REPOSITORY

    for top in (root, *root.parents):
        if (top / REPOSITORY).exists():
            return "" if top == root else f"{root.relative_to(top).as_posix()}/"
    return ""


def _find_place(file: Path) -> None:
    """Raise `UsageError` where ``file`` cannot be written: better now than after the work."""
    if file.is_dir():
        reason = errno.EISDIR
    elif not file.parent.is_dir():
        reason = errno.ENOENT
    elif not os.access(file if file.exists() else file.parent, os.W_OK):
        reason = errno.EACCES
    else:
        return
    raise UsageError(f"--output-file: cannot write {file}: {os.strerror(reason)}")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--output-file: cannot write {file}: {error.strerror}") from None
