"""``layercheck check --watch``: check again whenever a file is saved, and tell what that changed."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from layercheck.endings import is_full
from layercheck.errors import LayercheckError, UsageError
from layercheck.frontends.talk import complain
from layercheck.report.difference import newly_unread
from layercheck.report.style import printable

if TYPE_CHECKING:
    from layercheck.frontends.check_run import Check

FORMATS = ("text", "concise")
"""Reports that can tell what has changed."""

PATIENCE = 200
"""For how many milliseconds is waited until nothing is told."""

NAMED = 3
"""How many changed files are named."""


def follow(call: Check) -> NoReturn:
    """Carry out ``call``, then again after each change in the project, telling what is new and what is gone.

    What goes wrong is said on stderr and the next change waited for; an outcome is compared with the last
    for which no file was missing. Ends with `KeyboardInterrupt`, when the user has seen enough.
    Raises `UsageError` where the call asks for what cannot be told so, and at first what `Check.report` does.
    """
    from layercheck.sources import find_project_root

    if call.output_format not in FORMATS:
        others = f"--output-file {call.output_format}=FILE writes it with every check"
        raise UsageError(f"--watch: reports as {' or '.join(FORMATS)}; {others}")
    root = find_project_root(call.near)
    named = _named_by(call)
    saved = _saved(root, call, named)
    next(saved)  # what is saved during the first check counts
    before = call.report()
    if not call.options.quiet:
        complain(f"watching {', '.join(map(str, (root, *_beside(root, named))))}, Ctrl-C ends")
    for changed in filter(None, saved):
        if not call.options.quiet:
            click.echo(f"{time.strftime('%H:%M:%S')} {_named(changed)}", err=True)
        try:
            after = call.report(before)
        except LayercheckError as error:
            for line in str(error).splitlines():
                complain(line)
        except Exception as error:  # a bug is no reason to stop: after the next save it may not show
            if is_full(error):
                raise
            click.echo(traceback.format_exc(), err=True)
            complain(f"internal error, please report it: {type(error).__name__}: {error}")
        else:
            if not newly_unread(before, after):
                before = after
    raise KeyboardInterrupt


def _saved(root: Path, call: Check, named: Sequence[Path]) -> Iterator[set[str]]:
    """Yield the changed files that count, those of one save together; nothing now and then.

    These lie below ``root``, or decide from outside what comes out.
    """
    from watchfiles import PythonFilter, watch

    from layercheck.cache.looking import ENDS
    from layercheck.cache.store import DIRECTORY

    class Filter(PythonFilter):
        ignore_dirs = (*PythonFilter.ignore_dirs, "site-packages", DIRECTORY)

    written = [file for _, file in call.output_files]
    if call.cache_directory is not None:
        written.append(call.cache_directory)
    wanted = Filter(
        ignore_paths=[os.path.abspath(file) for file in written],
        extra_extensions=[*ENDS, *(file.name for file in named)],
    )
    try:
        while True:  # a file that is replaced has to be watched anew
            beside = _beside(root, named)
            for change in watch(
                root,
                *beside,
                watch_filter=wanted,
                rust_timeout=PATIENCE,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                changed = {path for _, path in change}
                came_or_went = {*beside} ^ {*_beside(root, named)}
                yield changed.union(map(str, came_or_went))
                if came_or_went or not changed.isdisjoint(map(str, beside)):
                    break
    except (OSError, RuntimeError) as error:
        help = "WATCHFILES_FORCE_POLLING=1 looks at the files instead"
        raise UsageError(f"--watch: cannot watch {root}: {error}; {help}") from None


def _named_by(call: Check) -> list[Path]:
    """Return the settings file the call names, and the baseline that the settings or the call name."""
    from layercheck.frontends.settings import settings_for

    baseline = settings_for(call.near, call.config, call.settings).baseline_file
    return [baseline] if call.config is None else [baseline, call.config.absolute()]


def _beside(root: Path, named: Sequence[Path]) -> list[Path]:
    """Return the files outside of ``root`` that decide what comes out, those that are there."""
    from layercheck.cache.evidence import around

    files = [*named, *(root / os.fsdecode(way) for way in around(os.fsencode(root)))]
    found = (Path(os.path.normpath(file)) for file in files if file.is_file())
    return sorted({file for file in found if not file.is_relative_to(root)})


def _named(changed: Iterable[str]) -> str:
    names = sorted(os.path.relpath(path).replace(os.sep, "/") for path in changed)
    more = len(names) - NAMED
    return printable(", ".join(names[:NAMED])) + (f" and {more} more" if more > 0 else "")
