"""One run of ``extract``: the project analysed, a handler taken apart, and the result judged."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layercheck.cache.store import DIRECTORY, Store
from layercheck.config.schema import Config
from layercheck.errors import UsageError
from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.disk import write_files
from layercheck.fixes.extract.extraction import extract
from layercheck.fixes.extract.verify import verify
from layercheck.fixes.fix import State
from layercheck.frontends.diffs import diff_of
from layercheck.frontends.fix_run import counted, read_or_none
from layercheck.pipeline import Workers, analyse, silent
from layercheck.pipeline.checking import relative_paths, report_on
from layercheck.triage.baseline_file import known_findings

if TYPE_CHECKING:
    from layercheck.pipeline.progress import Progress


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a run came to: the new contents of files, what they were (None of new ones), and what is gone.

    ``elsewhere`` are findings of other handlers that come to light with the new layers.
    """

    root: Path
    handler: str
    contents: Mapping[str, bytes]
    before: Mapping[str, bytes | None]
    gone: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...] = ()

    def diff(self) -> str:
        """Return what would change, as ``git apply`` takes it."""
        return "".join(
            diff_of(path, self.before[path], after) for path, after in sorted(self.contents.items())
        )

    def write(self) -> None:
        """Put the files in place; raises `UsageError` where one cannot be written."""
        write_files(self.root, self.contents, self.before)

    def told(self) -> Iterator[str]:
        """Yield the lines that tell what was done."""
        for finding in self.gone:
            yield f"{finding.place}: {finding.code} is gone"
        for finding in self.elsewhere:
            yield f"{finding.place}: {finding.code} is told now that there are layers: {finding.message}"
        new = sum(was is None for was in self.before.values())
        yield f"{self.handler} extracted: {counted(len(self.before) - new, 'file')} changed, {new} new"


def extract_handler(target: str, config: Config, progress: Progress = silent) -> Extracted:
    """Plan to take apart the handler ``target``, written ``FILE::NAME``. Nothing is written.

    Raises `UsageError` for a target that is none, `Refused` where the handler is left as it is.
    """
    file, separator, name = target.partition("::")
    if not separator or not name:
        raise UsageError(f"{target}: a handler is written FILE::NAME, like app/main.py::create_user")
    if not Path(file).is_file():
        raise UsageError(f"{file}: no such file")
    root = config.project_root
    (path,) = relative_paths([Path(file)], root)
    store, workers, known = Store(root / DIRECTORY), Workers(os.cpu_count() or 1), known_findings(config)

    def look(contents: Mapping[str, bytes]) -> State:
        analysis = analyse(root, config, store, workers, unsaved=contents, progress=progress)
        return State(analysis.view, report_on([root], config, analysis, known), contents)

    start = look({})
    found = extract(start, path, name, look)
    gone, elsewhere = verify(start, look(found.contents), found.element, found.contents)
    before = {one: read_or_none(root / one) for one in found.contents}
    return Extracted(root, found.element, found.contents, before, gone, elsewhere)


__all__ = ["Extracted", "Refused", "extract_handler"]
