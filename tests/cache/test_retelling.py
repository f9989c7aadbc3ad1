"""A changed file that says the same: an earlier outcome is moved, and is what a run would come to."""

from __future__ import annotations

import ast
import io
import os
import shutil
import tokenize
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from layercheck.cache.moving import NotMovable, moved
from layercheck.facts.alignment import Moves
from layercheck.frontends.running import How, run
from layercheck.location import Place
from layercheck.outcome import Judged, Outcome

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
EVERYTHING = {"select": ["ALL"]}
REPORTS = "app/services/reports.py"

Edit = Callable[[Path], None]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a copy of an application that offends."""
    return Path(shutil.copytree(FIXTURES / "tangled", tmp_path / "project"))


def told(root: Path) -> tuple[Outcome, How]:
    """Run and return what came out, and how."""
    done = run([root], overrides=EVERYTHING, with_map=True)
    assert done.cache_failure == ""
    return done.outcome, done.how


def afresh(root: Path) -> Outcome:
    """Return what a run comes to that knows of no other."""
    return run([root], overrides=EVERYTHING, with_map=True, cache=False).outcome


def replaced(path: str, old: str, new: str) -> Edit:
    """Return what puts ``new`` in the place of ``old`` in a file."""

    def change(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        assert old in text
        (root / path).write_text(text.replace(old, new, 1), "utf-8")

    return change


def written(path: str, text: str) -> Edit:
    """Return what adds ``text`` to a file, or makes one."""

    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def both(*edits: Edit) -> Edit:
    """Return what makes one change after the other."""

    def change(root: Path) -> None:
        for edit in edits:
            edit(root)

    return change


RETOLD: dict[str, Edit] = {
    "a comment": written(REPORTS, "# the end\n"),
    "a comment on a quoted line": replaced(REPORTS, "# expect: LC204", "# no session here"),
    "lines before what is found": replaced(REPORTS, "class ReportService", "# sums\n\n\nclass ReportService"),
    "another docstring": replaced(REPORTS, '"""What can', '"""All that can'),
    "a longer docstring": replaced(REPORTS, 'orders."""', 'orders.\n\nAnd more.\n"""'),
    "a line before a hop of a chain": replaced("app/utils/limits.py", "def _reject", "# no\ndef _reject"),
    "a comment in a file with findings that name lines": written("app/api/users.py", "# the end\n"),
    "a test": written("tests/test_orders.py", "def test_more() -> None:\n    assert True\n"),
    "two files": both(written(REPORTS, "# the end\n"), written("tests/test_users.py", "x = 1\n")),
}


@pytest.mark.parametrize("edit", RETOLD.values(), ids=RETOLD)
def test_what_says_the_same_is_not_analysed(project: Path, edit: Edit) -> None:
    told(project)
    edit(project)
    outcome, how = told(project)
    assert (how, outcome) == (How.MOVED, afresh(project))
    assert told(project) == (outcome, How.UNCHANGED)


def test_one_change_after_the_other(project: Path) -> None:
    told(project)
    for number in range(3):
        replaced(REPORTS, "class ReportService", f"# {number}\nclass ReportService")(project)
        assert told(project) == (afresh(project), How.MOVED)


def test_comments_that_silence_move_along(project: Path) -> None:
    replaced(REPORTS, "# expect: LC203", "# layercheck: ignore[LC203] sums")(project)
    told(project)
    replaced(REPORTS, "class ReportService", "# sums\n\n\nclass ReportService")(project)
    outcome, how = told(project)
    assert (how, outcome) == (How.MOVED, afresh(project))
    (one,) = outcome.suppressed
    assert one.comment.line == one.finding.place.line


NOTHING: Edit = both()

ANALYSED: dict[str, tuple[Edit, Edit]] = {
    "another value": (NOTHING, replaced(REPORTS, "or 0", "or 1")),
    "a comment that silences": (NOTHING, replaced(REPORTS, "# expect: LC203", "# layercheck: ignore")),
    "a moved line that is named": (NOTHING, replaced("app/api/users.py", "router =", "# it\nrouter =")),
    "no Python any more": (NOTHING, written(REPORTS, "def (\n")),
    "a new file": (NOTHING, written("app/services/more.py", "")),
    "code that becomes a test": (
        written("app/room_test.py", "room = 1\n"),
        written("app/room_test.py", "# for pytest\n"),
    ),
    "a test beside contracts": (
        written("setup.cfg", "[importlinter]\nroot_package = app\n"),
        written("tests/test_orders.py", "import app.main\n"),
    ),
}


@pytest.mark.parametrize(("before", "edit"), ANALYSED.values(), ids=ANALYSED)
def test_what_may_say_something_else_is_analysed(project: Path, before: Edit, edit: Edit) -> None:
    before(project)
    told(project)
    edit(project)
    assert told(project) == (afresh(project), How.ANALYSED)


def test_facts_that_are_gone(project: Path) -> None:
    told(project)
    (project / ".layercheck_cache/facts.msgpack").unlink()
    written(REPORTS, "# the end\n")(project)
    assert told(project) == (afresh(project), How.ANALYSED)


@pytest.mark.parametrize("exclude", [[], ["elsewhere/"]])
def test_names_that_are_no_text(project: Path, exclude: list[str]) -> None:
    (project / "layercheck.toml").write_text(f"exclude = {exclude}\n", "utf-8")
    (project / os.fsdecode(b"app/\xfe.py")).write_text("x = 1\n", "utf-8")
    (project / os.fsdecode(b"app/\xff.txt")).write_text("", "utf-8")
    run([project])
    written(REPORTS, "# the end\n")(project)
    done = run([project])
    assert (done.outcome, done.how) == (run([project], cache=False).outcome, How.MOVED)


def at(outcome: Outcome, place: Place) -> Outcome:
    """Return ``outcome`` with its first finding alone, at ``place``."""
    finding = replace(outcome.findings[0].finding, place=place, chain=(), related=())
    return replace(outcome, findings=(Judged(finding),), map=None)


WHOLE = Place("app/a.py", 1, 1, 1, 1)
TWO_LINES = Place("app/a.py", 3, 5, 4, 9)


@pytest.mark.parametrize(
    ("place", "moves", "expected"),
    [
        pytest.param(TWO_LINES, Moves({3: 7, 4: 8}), Place("app/a.py", 7, 5, 8, 9), id="moved"),
        pytest.param(TWO_LINES, Moves({3: 7, 4: 9}), Place("app/a.py", 7, 5, 9, 9), id="stretched"),
        pytest.param(TWO_LINES, Moves({4: 8}), None, id="no-such-line"),
        pytest.param(TWO_LINES, Moves({3: 7}), None, id="no-such-last-line"),
        pytest.param(TWO_LINES, Moves({3: 3, 4: 4}, frozenset({3})), None, id="docstring-ends-elsewhere"),
        pytest.param(WHOLE, Moves({3: 7}), WHOLE, id="whole-file"),
        pytest.param(WHOLE, Moves({1: 1, 3: 7}), WHOLE, id="whole-file-that-begins-where-it-did"),
        pytest.param(WHOLE, Moves({1: 2}), None, id="whole-file-that-begins-elsewhere"),
    ],
)
def test_places(project: Path, place: Place, moves: Moves, expected: Place | None) -> None:
    outcome = at(afresh(project), place)
    if expected is None:
        with pytest.raises(NotMovable):
            moved(outcome, {"app/a.py": moves})
    else:
        assert moved(outcome, {"app/a.py": moves}) == at(outcome, expected)
    assert moved(outcome, {"app/b.py": moves}) == outcome


# Any edit -----------------------------------------------------------------------------------------


class Text:
    """The text of a module, as its lines."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self._tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        self._tree = ast.parse(text)

    def gaps(self) -> list[int]:
        """Return the lines before which there may be a new one: all but those inside of a string."""
        inside = {
            line
            for token in self._tokens
            if token.type == tokenize.STRING
            for line in range(token.start[0] + 1, token.end[0] + 1)
        }
        return [line for line in range(1, len(self.lines) + 1) if line not in inside]

    def ends(self) -> list[int]:
        """Return the lines a comment may be put behind."""
        return [token.start[0] for token in self._tokens if token.type == tokenize.NEWLINE]

    def docstrings(self) -> list[int]:
        """Return the lines bare strings in triple quotes begin in."""
        return [
            node.lineno
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if self.lines[node.lineno - 1].lstrip().startswith('"""')
        ]


SPEAKING = ["  # noqa", "  # layercheck: ignore", "  # layercheck: ignore[LC101,LC104] known", "  # noqa: LC601"]


@st.composite
def silenced(draw: st.DrawFn, text: str) -> str:
    """Draw ``text`` with comments that speak to layercheck behind some lines."""
    known = Text(text)
    for line in draw(st.sets(st.sampled_from(known.ends()), max_size=3)) if known.ends() else ():
        if "#" not in known.lines[line - 1]:
            known.lines[line - 1] += draw(st.sampled_from(SPEAKING))
    return "\n".join(known.lines) + "\n"


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """Draw ``text`` with lines, comments and words of docstrings put in."""
    for _ in range(draw(st.integers(1, 3))):
        known = Text(text)
        lines = known.lines
        places: dict[str, list[int]] = {
            "line": known.gaps(), "comment": known.ends(), "docstring": known.docstrings()
        }  # fmt: skip
        kind = draw(st.sampled_from([name for name, where in places.items() if where] or ["end"]))
        line = draw(st.sampled_from(places[kind])) if kind != "end" else 1
        if kind == "comment":
            lines[line - 1] += draw(st.sampled_from(["", "  # why"])) if "#" not in lines[line - 1] else ""
        elif kind == "docstring":
            more = draw(st.sampled_from(["It is. ", "\n\n", "One.\n\n    Two.\n    "]))
            lines[line - 1] = lines[line - 1].replace('"""', '"""' + more, 1)
        else:
            lines.insert(line - 1, draw(st.sampled_from(["", "# a comment", "    # a comment", "\n\n"])))
        text = "\n".join(lines) + "\n"
    return text


@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data(), name=st.sampled_from(["tangled", "by_feature", "legacy", "mendable"]))
def test_any_such_edit_comes_to_what_a_run_comes_to(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: str
) -> None:
    root = tmp_path_factory.mktemp("edited") / "project"
    shutil.copytree(FIXTURES / name, root)
    files = sorted(root.rglob("*.py"))
    for file in files:
        file.write_text(data.draw(silenced(file.read_text("utf-8"))), "utf-8")
    told(root)
    for _ in range(3):
        file = data.draw(st.sampled_from(files))
        file.write_text(data.draw(edited(file.read_text("utf-8"))), "utf-8")
        assert told(root)[0] == afresh(root)
