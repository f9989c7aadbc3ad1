"""The items of ``pytest --layercheck``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from layercheck.errors import LayercheckError
from layercheck.finding import Finding
from layercheck.frontends.running import run_once
from layercheck.frontends.settings import settings_for
from layercheck.outcome import Judged, Outcome
from layercheck.report.formats import formatter
from layercheck.report.style import Options
from layercheck.sources import Role, discover


def collect(session: pytest.Session) -> list[pytest.Item]:
    """Return an item for each module of the project in pytest's root directory.

    Other files that something is found in, settings for instance, have one too. Raises
    `pytest.UsageError` where layercheck cannot run.
    """
    given = session.config.getoption("layercheck_config")
    file = Path(given) if given else None
    try:
        outcome = run_once([session.config.rootpath], file).outcome
        settings = settings_for([session.config.rootpath], file)
        tree = discover(settings.project_root, settings.roots or None, settings.exclude)
    except LayercheckError as error:
        raise pytest.UsageError(*(f"layercheck: {line}" for line in str(error).splitlines())) from None
    if outcome.internal_errors:
        raise pytest.UsageError(*(f"layercheck: internal error: {told}" for told in outcome.internal_errors))
    modules = {source.path for source in tree.sources if source.role is Role.CODE}
    paths = sorted(modules | {finding.place.path for finding in outcome.new})
    return [item for path in paths for item in _File.of(session, outcome, path).collect()]


class LayersBroken(Exception):
    """A module holds findings that make a run fail; the message is the report on it."""


class _File(pytest.File):
    """A file of the project, with its findings."""

    findings: tuple[Finding, ...]
    outcome: Outcome

    @classmethod
    def of(cls, session: pytest.Session, outcome: Outcome, path: str) -> _File:
        """Return the file at ``path``, relative to the root of ``outcome``."""
        file: _File = cls.from_parent(session, path=Path(outcome.root, path))
        file.findings = tuple(one for one in outcome.new if one.place.path == path)
        file.outcome = outcome
        return file

    def collect(self) -> Iterator[_Item]:
        """Yield the one item."""
        yield _Item.from_parent(self, name="layercheck")


class _Item(pytest.Item):
    """Fails where a finding of the module makes `layercheck check` fail."""

    parent: _File

    def runtest(self) -> None:
        """Raise `LayersBroken` with all findings of the module."""
        findings, outcome = self.parent.findings, self.parent.outcome
        told = msgspec.structs.replace(outcome, findings=tuple(map(Judged, findings)))
        text = formatter("text")(told, Options(everything=True, quiet=True)).strip()
        if any(map(outcome.fails, findings)):
            codes = ", ".join(sorted({one.code for one in findings}))
            raise LayersBroken(f"{codes}\n\n{text}")
        if text:
            self.add_report_section("call", "layercheck", text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the report in place of a traceback."""
        if isinstance(excinfo.value, LayersBroken):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the first finding stands."""
        first = next(iter(self.parent.findings), None)
        return self.path, first.place.line - 1 if first else None, f"{self.nodeid}"
