"""Which findings a baseline knows, after the code around them has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.errors import BaselineError, UsageError
from layercheck.outcome import Outcome, Verdict
from layercheck.pipeline import Mode
from layercheck.rules.catalog import codes

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n',
    "app/services/__init__.py": "",
    "app/services/audit.py": (
        "from fastapi import HTTPException, Request\n\n\n"
        "def log(request: Request) -> None: ...\n\n\n"
        "def refuse() -> None:\n    raise HTTPException(403)\n"
    ),
    "app/services/billing.py": (
        "from fastapi import HTTPException\n\n\n"
        "def charge(amount: int) -> None:\n"
        "    if amount < 0:\n        raise HTTPException(400)\n\n\n"
        "def refund(amount: int) -> None:\n    raise HTTPException(501)\n"
    ),
}
ALL = [
    "LC201 app.services.audit.log", "LC202 app.services.audit.refuse",
    "LC202 app.services.billing.charge", "LC202 app.services.billing.refund",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project with a baseline of all it offends with."""
    root = tmp_path / "shop"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    renew(root, Mode.CREATE)
    return root


def check(root: Path, *paths: str, **settings: Any) -> Outcome:
    config = load(root, None, settings, known_codes=codes())
    outcome = pipeline.check([root / path for path in paths or ("",)], config)
    assert outcome.internal_errors == ()
    return outcome


def renew(root: Path, mode: Mode, *paths: str) -> tuple[int, int, int]:
    config = load(root, None, {}, known_codes=codes())
    renewal = pipeline.renew_baseline([root / path for path in paths or ("",)], config, mode)
    renewal.file.write_text(renewal.text, "utf-8")
    return renewal.findings, renewal.added, renewal.dropped


def told(outcome: Outcome, verdict: Verdict) -> list[str]:
    return [
        f"{one.finding.code} {one.finding.element}" for one in outcome.findings if one.verdict is verdict
    ]


def new(outcome: Outcome) -> list[str]:
    return told(outcome, Verdict.NEW)


def edit(path: str, old: str, by: str) -> Callable[[Path], object]:
    """Return what replaces a piece of text in a file."""

    def change(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        assert old in text
        (root / path).write_text(text.replace(old, by), "utf-8")

    return change


def reorder(root: Path) -> None:
    file = root / "app/services/billing.py"
    head, charge, refund = file.read_text("utf-8").split("\n\n\n")
    file.write_text("\n\n\n".join((head, refund.rstrip("\n"), charge + "\n")), "utf-8")


def move(old: str, new: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root / old, root / new)

    return change


STILL_KNOWN: dict[str, Callable[[Path], object]] = {
    "nothing changed": lambda root: None,
    "lines above": edit("app/services/billing.py", "\n\n\ndef charge", "\n\nLIMIT = 3\n\n\n\n\ndef charge"),
    "functions in another order": reorder,
    "another message": edit("app/services/billing.py", "400", "422"),
    "a file renamed": move("app/services/billing.py", "app/services/payments.py"),
    "a file in another folder": move("app/services/billing.py", "app/billing/services/billing.py"),
    "a file that became a package": move("app/services/billing.py", "app/services/billing/__init__.py"),
    "a folder renamed": move("app/services", "app/logic"),
    "the package renamed": move("app", "shop"),
    "the package moved to an import root": move("app", "src/app"),
}


@pytest.mark.parametrize("change", STILL_KNOWN.values(), ids=STILL_KNOWN)
def test_what_a_baseline_still_knows(change: Callable[[Path], object], root: Path) -> None:
    change(root)
    outcome = check(root)
    known = sorted(line.split()[0] for line in told(outcome, Verdict.KNOWN))
    assert (known, new(outcome), outcome.stale_baseline) == (["LC201", "LC202", "LC202", "LC202"], [], ())
    assert renew(root, Mode.PRUNE) == (4, 0, 0)
    assert new(check(root)) == []


COPY = FILES["app/services/billing.py"]
GONE_REFUND = "LC202 app/services/billing.py app.services.billing.refund HTTPException"


def replace_audit(root: Path) -> None:
    (root / "app/services/audit.py").unlink()
    (root / "app/services/mail.py").write_text("from fastapi import Request\nLAST: Request\n", "utf-8")


NEWS: dict[str, tuple[Callable[[Path], object], list[str], list[str]]] = {
    "one more in a known file": (
        edit("app/services/billing.py", "def re", "def pay():\n    raise HTTPException(402)\n\n\ndef re"),
        ["LC202 app.services.billing.pay"], [],
    ),
    "the same in a copy of a file that stays": (
        lambda root: (root / "app/services/copy.py").write_text(COPY, "utf-8"),
        ["LC202 app.services.copy.charge", "LC202 app.services.copy.refund"], [],
    ),
    "a function renamed": (
        edit("app/services/billing.py", "def refund", "def give_back"),
        ["LC202 app.services.billing.give_back", "LC005 app.services.billing.refund"], [GONE_REFUND],
    ),
    "a file replaced by one of another name with other content": (
        replace_audit,
        [
            "LC201 app.services.mail", "LC005 app.services.audit.log", "LC005 app.services.audit.refuse",
        ],
        [
            "LC201 app/services/audit.py app.services.audit.log fastapi.Request",
            "LC202 app/services/audit.py app.services.audit.refuse HTTPException",
        ],
    ),
    "mended": (
        edit("app/services/billing.py", "raise HTTPException(501)", "raise NotImplementedError"),
        ["LC005 app.services.billing.refund"], [GONE_REFUND],
    ),
    "silenced by a comment instead": (
        edit("app/services/billing.py", "(501)", "(501)  # layercheck: ignore[LC202] not built yet"),
        ["LC005 app.services.billing.refund"], [GONE_REFUND],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "found", "stale"), NEWS.values(), ids=NEWS)
def test_what_a_baseline_does_not_know(
    change: Callable[[Path], object], found: list[str], stale: list[str], root: Path
) -> None:
    change(root)
    outcome = check(root)
    assert (new(outcome), list(outcome.stale_baseline)) == (found, stale)


def test_a_target_that_moved_is_the_same_target(tmp_path: Path) -> None:
    files = {
        "layercheck.toml": 'select = ["LC601"]\n',
        "app/routers/items.py": (
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n\n@router.get('/')\ndef show(): ...\n"
        ),
        "app/services/items.py": "from app.routers.items import show\ndef run() -> None:\n    show()\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    renew(tmp_path, Mode.CREATE)
    (known,) = check(tmp_path).findings
    assert (known.finding.code, known.verdict) == ("LC601", Verdict.KNOWN)
    move("app/routers/items.py", "app/endpoints/items.py")(tmp_path)
    edit("app/services/items.py", "app.routers", "app.endpoints")(tmp_path)
    (moved,) = check(tmp_path).findings
    assert moved.finding.target != known.finding.target
    assert (moved.verdict, moved.finding.element) == (Verdict.KNOWN, known.finding.element)


def test_the_same_offence_of_one_element_is_counted(root: Path) -> None:
    text = (root / "layercheck-baseline.json").read_text("utf-8")
    refund = next(line for line in text.splitlines() if "refund" in line)
    (root / "layercheck-baseline.json").write_text(
        text.replace(refund, refund.replace("},", ', "count": 3},')), "utf-8"
    )
    outcome = check(root)
    (finding,) = outcome.new
    assert finding.message == (
        "LC202 of `app.services.billing.refund` (HTTPException): 2 of 3 known findings exist no more"
    )
    assert renew(root, Mode.PRUNE) == (4, 0, 2)


NOT_STALE: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "an entry outside the paths": (("app/services/billing.py",), {}),
    "an entry in a folder that is not given": (("app/services/billing.py", "app/main.py"), {}),
    "an entry of a rule that is not selected": (("",), {"select": ["LC202"]}),
    "a rule that is off": (("",), {"ignore": ["LC201", "LC005"]}),
    "stale entries switched off": (("",), {"severity": {"LC005": "off"}}),
}


@pytest.mark.parametrize(("paths", "settings"), NOT_STALE.values(), ids=NOT_STALE)
def test_what_is_not_told_as_stale(paths: tuple[str, ...], settings: dict[str, Any], root: Path) -> None:
    (root / "app/main.py").write_text("", "utf-8")
    edit("app/services/audit.py", "Request", "Response")(root)
    edit("app/services/audit.py", "HTTPException, Response", "HTTPException")(root)
    edit("app/services/audit.py", "request: Response", "")(root)
    assert new(check(root)) == ["LC005 app.services.audit.log"]
    assert new(check(root, *paths, **settings)) == []


def test_nothing_is_stale_while_files_cannot_be_read(root: Path) -> None:
    (root / "app/services/billing.py").write_text("def charge(:\n", "utf-8")
    outcome = check(root)
    assert (new(outcome), outcome.stale_baseline) == (["LC009 app/services/billing.py"], ())
    assert renew(root, Mode.PRUNE) == (4, 0, 0)


def test_update_takes_up_and_drops(root: Path) -> None:
    edit("app/services/billing.py", "def refund", "def give_back")(root)
    assert renew(root, Mode.UPDATE) == (4, 1, 1)
    assert (new(check(root)), check(root).stale_baseline) == ([], ())


def test_prune_takes_up_nothing(root: Path) -> None:
    edit("app/services/billing.py", "def refund", "def give_back")(root)
    assert renew(root, Mode.PRUNE) == (3, 0, 1)
    assert new(check(root)) == ["LC202 app.services.billing.give_back"]


def test_what_stands_outside_the_paths_stays(root: Path) -> None:
    edit("app/services/billing.py", "def refund", "def give_back")(root)
    edit("app/services/audit.py", "def refuse", "def deny")(root)
    assert renew(root, Mode.UPDATE, "app/services/audit.py") == (4, 1, 1)
    assert new(check(root)) == [
        "LC202 app.services.billing.give_back",
        "LC005 app.services.billing.refund",
    ]


def test_a_baseline_is_not_overwritten(root: Path) -> None:
    with pytest.raises(UsageError) as caught:
        renew(root, Mode.CREATE)
    assert str(caught.value) == (
        "layercheck-baseline.json exists; --update brings it up to date, --prune only drops what is gone"
    )


def test_the_settings_name_another_file(root: Path) -> None:
    (root / "layercheck.toml").write_text('baseline = "known/all.json"\n', "utf-8")
    with pytest.raises(BaselineError) as caught:
        check(root)
    assert str(caught.value) == "known/all.json: no such file; `layercheck baseline` writes it"
    (root / "known").mkdir()
    move("layercheck-baseline.json", "known/all.json")(root)
    assert new(check(root)) == []


def test_new_findings_are_told_as_without_a_baseline(root: Path) -> None:
    edit("app/services/billing.py", "def refund", "def give_back")(root)
    outcome = check(root)
    (root / "layercheck-baseline.json").unlink()
    (finding,) = [one for one in outcome.new if one.code == "LC202"]
    assert finding in check(root).new
    assert told(outcome, Verdict.KNOWN) == ALL[:3]
