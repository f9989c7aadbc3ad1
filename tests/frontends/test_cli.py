"""The command line: what it passes on, what it prints, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import msgspec
import pytest

from layercheck import __version__
from layercheck.config.schema import Config, Selection
from layercheck.errors import NothingToAnalyse
from layercheck.finding import Finding, Severity
from layercheck.frontends.cli import main
from layercheck.location import Place
from layercheck.outcome import Judged, Outcome, Summary
from layercheck.pipeline import Workers, silent
from layercheck.report.formats import NAMES
from layercheck.rules import catalog
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

DEPENDENCY = {
    "provider": "app.b.get_service",
    "parameter": "service",
    "dependencies": [{"provider": "app.b.get_db", "parameter": "db", "dependencies": []}],
}


class RouterExecutesQuery(Rule):
    """Handlers that query.

    ## What it does
    Finds them.

    ## Why is this bad
    Because.

    ## Example
    ```python
    db.get()
    ```

    ## Use instead
    ```python
    service.get()
    ```
    """

    code = "LC101"
    name = "router-executes-query"
    severity: ClassVar[Severity | None] = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        yield from ()


class FatRoute(RouterExecutesQuery):
    __doc__ = (RouterExecutesQuery.__doc__ or "").replace("that query", "that are long")
    code = "LC105"
    name = "fat-route"
    severity = None
    fix = "unsafe"


FINDING = Finding(
    code="LC101",
    name="router-executes-query",
    severity=Severity.ERROR,
    place=Place("app/a.py", 3, 1, 3, 9),
    message="runs `db.get`",
    help="",
    element="app.a.f",
    layer="router",
    target="get",
)

SUMMARY = Summary(
    files=1,
    lines=3,
    layers=(),
    classified=0,
    classifiable=0,
    routes=1,
    call_sites=1,
    resolved_calls=1,
    inactive_rules=(),
)

CONCISE = "app/a.py:3:1: LC101 router-executes-query: runs `db.get`\nFound 1 error, 0 warnings.\n"


class LayerRow(msgspec.Struct):
    element: str
    path: str
    line: int
    layer: str
    confidence: str
    evidence: str


class Pipeline:
    """Stands for the analysis: remembers what it was asked, answers what the test says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[tuple[list[Path], Config]] = []
        self.answer: Callable[[Config], Outcome] = lambda config: outcome(FINDING, config=config)

    def check(
        self, paths: Sequence[Path], config: Config, store: object, workers: object, **how: object
    ) -> Outcome:
        self.asked.append((list(paths), config))
        return self.answer(config)

    def analyse(self, project_root: Path, config: Config) -> SimpleNamespace:
        self.asked.append(([project_root], config))
        return SimpleNamespace(tree=SimpleNamespace(project_root=str(self.root)))


def outcome(
    *findings: Finding, config: Config | None = None, internal_errors: tuple[str, ...] = ()
) -> Outcome:
    return Outcome(
        root="shop",
        version=__version__,
        findings=tuple(map(Judged, findings)),
        suppressed=(),
        stale_baseline=(),
        unread=(),
        rules=(),
        summary=SUMMARY,
        sources={},
        fail_on=config.fail_on if config else Severity.ERROR,
        internal_errors=internal_errors,
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the working directory a project with one package."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalog, "RULES", (RouterExecutesQuery, FatRoute))
    return tmp_path


@pytest.fixture
def pipeline(project: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """Put a stand-in where commands look for the analysis."""
    stand_in = Pipeline(project)
    module = types.ModuleType("layercheck.pipeline")
    rows = [
        LayerRow("app.a", "app/a.py", 1, "router", "certain", "holds an APIRouter"),
        LayerRow("app.a.f", "app/a.py", 3, "unknown", "weak", ""),
    ]
    route = {
        "method": "GET",
        "path": "/a",
        "handler": "app.a:f",
        "file": "app/a.py",
        "line": 3,
        "dependencies": [DEPENDENCY],
        "layers": ["router", "service"],
        "exceptions": [{"exception": "app.b.NotFound", "status": 404, "how": "handled by on_missing"}],
    }
    answers: dict[str, Any] = {
        "Workers": Workers,
        "silent": silent,
        "check": stand_in.check,
        "analyse": stand_in.analyse,
        "layer_rows": lambda analysis: rows,
        "route_rows": lambda analysis: [route],
        "call_graph": lambda analysis, kinds: {"app.a.f": [["app.a.g", "call"]] if kinds else ["app.a.g"]},
        "unresolved_calls": lambda analysis: [{"caller": "app.a.f", "reason": "third party"}],
        "import_graph": lambda analysis: {"app.a": ["app.b"]},
    }
    vars(module).update(answers)
    monkeypatch.setitem(sys.modules, "layercheck.pipeline", module)
    monkeypatch.setattr("layercheck.pipeline", module, raising=False)
    return stand_in


def test_check_passes_paths_and_settings_on(project: Path, pipeline: Pipeline) -> None:
    main(
        [
            "check",
            "app",
            "--select",
            "LC101,LC1",
            "--select",
            "LC105",
            "--ignore",
            "LC105",
            "--preset",
            "strict",
        ]
    )
    ((paths, config),) = pipeline.asked
    assert (paths, config.project_root, config.preset) == ([Path("app")], project, "strict")
    assert config.selections[-1] == Selection(select=("LC101", "LC1", "LC105"), ignore=("LC105",))


def test_check_looks_here_without_paths(pipeline: Pipeline) -> None:
    main(["check"])
    assert [paths for paths, _ in pipeline.asked] == [[Path()]]


def test_check_prints_the_report_and_nothing_else(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--output-format", "concise"]) == 1
    assert capsys.readouterr() == (CONCISE, "")


def test_check_writes_several_reports_in_one_run(
    project: Path, pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-q", "--output-file", "json=r.json", "--output-file", "concise=r.txt"]) == 1
    assert capsys.readouterr().out.startswith("Errors\n\napp/a.py:3:1: LC101")
    assert json.loads((project / "r.json").read_text())["findings"][0]["code"] == "LC101"
    assert (project / "r.txt").read_text() == CONCISE.splitlines(keepends=True)[0]
    assert len(pipeline.asked) == 1


def test_verbose_talks_on_stderr(
    project: Path, pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "-v", "--output-format", "concise"])
    printed = capsys.readouterr()
    assert printed.out == CONCISE
    assert printed.err.startswith("layercheck: shop: analysed, ")


def test_statistics_and_all_reach_the_report(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    advice = msgspec.structs.replace(FINDING, severity=Severity.ADVICE)
    pipeline.answer = lambda config: outcome(advice, config=config)
    assert main(["check", "-q", "--all", "--statistics", "--output-format", "concise"]) == 0
    assert capsys.readouterr().out == (
        "app/a.py:3:1: LC101 router-executes-query: runs `db.get`\n1  LC101  router-executes-query\n"
    )


WARNING = msgspec.structs.replace(FINDING, severity=Severity.WARNING)

ENDINGS: dict[str, tuple[tuple[Finding, ...], list[str], int]] = {
    "nothing found": ((), [], 0),
    "an error": ((FINDING,), [], 1),
    "an error that shall not fail": ((FINDING,), ["--exit-zero"], 0),
    "an error, failing on nothing": ((FINDING,), ["--fail-on", "never"], 0),
    "a warning": ((WARNING,), [], 0),
    "a warning, failing on warnings": ((WARNING,), ["--fail-on", "warning"], 1),
}


@pytest.mark.parametrize(("findings", "options", "code"), ENDINGS.values(), ids=ENDINGS)
def test_exit_code(pipeline: Pipeline, findings: tuple[Finding, ...], options: list[str], code: int) -> None:
    pipeline.answer = lambda config: outcome(*findings, config=config)
    assert main(["check", *options]) == code


def test_a_part_that_failed_is_told_and_the_rest_reported(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.answer = lambda config: outcome(FINDING, internal_errors=("LC405 failed in app/a.py: KeyError",))
    assert main(["check", "--exit-zero", "--output-format", "concise"]) == 3
    assert capsys.readouterr() == (
        CONCISE,
        "layercheck: internal error: LC405 failed in app/a.py: KeyError\n",
    )


def test_a_crash_is_an_internal_error(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    def crash(config: Config) -> Outcome:
        raise KeyError("app.a")

    pipeline.answer = crash
    assert main(["check"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("Traceback")
    assert error.endswith("layercheck: internal error, please report it: KeyError: 'app.a'\n")


def test_nothing_to_analyse_is_wrong_usage(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    def nothing(config: Config) -> Outcome:
        raise NothingToAnalyse("no Python file below app")

    pipeline.answer = nothing
    assert main(["check"]) == 2
    assert capsys.readouterr() == ("", "layercheck: no Python file below app\n")


WRONG: dict[str, tuple[list[str], list[str]]] = {
    "path that is not there": (["check", "nowhere"], ["nowhere: no such file or directory"]),
    "unknown option": (["check", "--ouput"], ["No such option"]),
    "unknown format": (
        ["check", "--output-format", "xml"],
        [f"Invalid value for '--output-format': 'xml' is not one of {', '.join(map(repr, NAMES))}."],
    ),
    "report to no file": (
        ["check", "--output-file", "report.json"],
        [
            "Invalid value for '--output-file': 'report.json' is not FORMAT=FILE "
            f"with a format of {', '.join(NAMES)}"
        ],
    ),
    "report to a directory that is not there": (
        ["check", "--output-file", "json=no/r.json"],
        ["--output-file: cannot write no/r.json: No such file or directory"],
    ),
    "unknown rules and preset": (
        ["check", "--select", "LC1,LC77", "--fail-on", "always"],
        [
            '--fail-on: expected one of "error", "warning", "never", found "always"',
            '--select: unknown rule "LC77"',
        ],
    ),
    "settings file that is not there": (
        ["layers", "--config", "no.toml"],
        ["no.toml: cannot be read: No such file or directory"],
    ),
    "mistake in the settings": (
        ["check", "--config", "bad.toml"],
        ['bad.toml: ignroe: unknown key; did you mean "ignore"?'],
    ),
    "explain an unknown code": (["explain", "LC102"], ['unknown rule "LC102"; did you mean "LC105"?']),
    "explain an unknown name": (
        ["explain", "fat-rout"],
        ['unknown rule "fat-rout"; did you mean "fat-route"?'],
    ),
    "explain nonsense": (["explain", "x"], ['unknown rule "x"; `layercheck rules` lists all']),
    "explain nothing": (["explain"], ["Missing argument 'CODE'."]),
    "unknown command": (["chek"], ["No such command 'chek'."]),
}


@pytest.mark.parametrize(("arguments", "complaints"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_sentence_each(
    project: Path,
    pipeline: Pipeline,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaints: list[str],
) -> None:
    (project / "bad.toml").write_text("ignroe = []\n")
    assert main(arguments) == 2
    printed = capsys.readouterr()
    said = printed.err.splitlines()
    # click puts guesses of its own behind some sentences, in words that depend on its version
    shared = [
        line[: len("layercheck: ") + len(complaint)] for line, complaint in zip(said, complaints, strict=True)
    ]
    assert (printed.out, shared) == ("", [f"layercheck: {complaint}" for complaint in complaints])


@pytest.mark.parametrize("arguments", [[], ["graph"]], ids=["no command", "no graph"])
def test_without_a_command_the_help_is_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage: layercheck")


def test_explain_prints_the_manual_page(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = """# LC101 router-executes-query

Handlers that query.

error by default, no fix

## What it does

Finds them.

## Why is this bad

Because.

## Example

```python
db.get()
```

## Use instead

```python
service.get()
```
"""
    for word in ("LC101", "lc101", "router-executes-query"):
        assert main(["explain", word]) == 0
        assert capsys.readouterr().out == page


def test_rules_lists_all(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert capsys.readouterr().out == (
        "code   name                   default  fix     finds\n"
        "LC101  router-executes-query  error    none    Handlers that query.\n"
        "LC105  fat-route              off      unsafe  Handlers that are long.\n"
    )
    assert main(["rules", "--output-format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)["rules"]
    assert [(rule["code"], rule["severity"], rule["fix"]) for rule in listed] == [
        ("LC101", "error", "none"),
        ("LC105", None, "unsafe"),
    ]


PRINTED: dict[str, tuple[list[str], str]] = {
    "layers": (
        ["layers"],
        "element  layer    confidence  evidence            at\n"
        "app.a    router   certain     holds an APIRouter  app/a.py:1\n"
        "app.a.f  unknown  weak                            app/a.py:3\n",
    ),
    "layers, unassigned": (
        ["layers", "--unassigned", "app"],
        "element  layer    confidence  evidence  at\napp.a.f  unknown  weak                  app/a.py:3\n",
    ),
    "routes": (
        ["routes", "app"],
        "method  path  handler  at          layers           exceptions\n"
        "GET     /a    app.a:f  app/a.py:3  router, service  NotFound -> 404\n",
    ),
    "routes with dependencies": (
        ["routes", "app", "--tree"],
        "GET /a  app.a:f  app/a.py:3\n"
        "  layers: router, service\n"
        "  exceptions: NotFound -> 404\n"
        "  dependencies:\n"
        "    app.b.get_service (service)\n"
        "      app.b.get_db (db)\n",
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), PRINTED.values(), ids=PRINTED)
def test_what_the_analysis_knows_as_a_table(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert (main(arguments), capsys.readouterr().out) == (0, expected)


@pytest.mark.parametrize("command", ("layers", "routes"))
def test_paths_of_a_map_lead_there_from_where_one_is(
    pipeline: Pipeline,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.chdir(project / "app")
    assert main([command, ".."]) == 0
    text = capsys.readouterr().out
    assert (" a.py:3" in text, "app/a.py" in text) == (True, False)


DOCUMENTS: dict[str, tuple[list[str], object]] = {
    "layers": (
        ["layers", "--unassigned", "--output-format", "json"],
        {
            "layers": [
                {
                    "element": "app.a.f",
                    "path": "app/a.py",
                    "line": 3,
                    "layer": "unknown",
                    "confidence": "weak",
                    "evidence": "",
                }
            ]
        },
    ),
    "routes": (
        ["routes", "--output-format", "json"],
        {
            "routes": [
                {
                    "method": "GET",
                    "path": "/a",
                    "handler": "app.a:f",
                    "file": "app/a.py",
                    "line": 3,
                    "dependencies": [DEPENDENCY],
                    "layers": ["router", "service"],
                    "exceptions": [
                        {"exception": "app.b.NotFound", "status": 404, "how": "handled by on_missing"}
                    ],
                }
            ]
        },
    ),
    "calls": (["graph", "calls", "app"], {"app.a.f": ["app.a.g"]}),
    "calls with kinds": (
        ["graph", "calls", "--kinds", "--output-format", "json"],
        {"app.a.f": [["app.a.g", "call"]]},
    ),
    "unresolved calls": (
        ["graph", "calls", "--unresolved"],
        [{"caller": "app.a.f", "reason": "third party"}],
    ),
    "imports": (["graph", "imports"], {"app.a": ["app.b"]}),
}


@pytest.mark.parametrize(("arguments", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_the_analysis_knows_as_json(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: object
) -> None:
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == expected


def test_the_module_is_the_command() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "layercheck", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"layercheck {__version__}\n"


def test_a_closed_pipe_is_no_crash() -> None:
    script = f"{sys.executable} -m layercheck check --help | true; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (run.stderr, run.stdout.strip() in ("0", "141")) == ("", True)
