"""The file of known findings: its text, what git makes of it, and how its mistakes are told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from layercheck.errors import BaselineError
from layercheck.triage.baseline_file import Entry, Known, read_baseline, written

ITEMS = Entry("app/api/items.py", "LC101", "app.api.items.show", "sqlalchemy.orm.Session.execute", 2)
USERS = [
    Entry("app/api/users.py", "LC101", "app.api.users.create", "sqlalchemy.orm.Session.add"),
    Entry("app/api/users.py", "LC102", "app.api.users", "sqlalchemy.select"),
]
TEXT = """\
{
"version": 1,
"findings": [

{"path": "app/api/items.py", "code": "LC101", "element": "app.api.items.show",\
 "target": "sqlalchemy.orm.Session.execute", "count": 2},

{"path": "app/api/users.py", "code": "LC101", "element": "app.api.users.create",\
 "target": "sqlalchemy.orm.Session.add"},
{"path": "app/api/users.py", "code": "LC102", "element": "app.api.users", "target": "sqlalchemy.select"},

{}
]
}
"""


def read(directory: Path, text: str) -> tuple[Known, ...]:
    file = directory / "known.json"
    file.write_text(text, "utf-8")
    return read_baseline(file, "known.json")


def test_an_entry_has_a_line_whatever_the_order_it_came_in() -> None:
    assert written([*reversed(USERS), ITEMS]) == TEXT


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT) == (Known(ITEMS, 5), Known(USERS[0], 7), Known(USERS[1], 8))
    assert read(tmp_path, written([])) == ()


def test_names_that_are_no_ascii_are_kept(tmp_path: Path) -> None:
    entry = Entry("app/größe.py", "LC101", "app.größe", "\udcff")
    assert read(tmp_path, written([entry])) == (Known(entry, 5),)


def test_what_both_branches_entered_counts_once(tmp_path: Path) -> None:
    once = Entry("a.py", "LC101", "a.f", "x")
    twice = Entry("a.py", "LC101", "a.f", "x", 2)
    text = written([once, twice])
    assert [one.entry for one in read(tmp_path, text)] == [twice]


MISTAKES = {
    "nothing": ("", "known.json:1:1: expected JSON, found the end of the line (Expecting value); "),
    "no comma": (
        '{"version": 1,\n"findings": [\n{"path": "a.py"}\n{}]}',
        'known.json:4:1: expected JSON, found "{}]}" (Expecting \',\' delimiter); ',
    ),
    "a merge conflict": (
        '{\n"version": 1,\n"findings": [\n<<<<<<< HEAD\n{}]}',
        "known.json:4:1: expected JSON, found the mark of a merge conflict; keep the lines of both sides",
    ),
    "a list": ("[]", "known.json: version: expected 1, found none; "),
    "no version": ("{}", "known.json: version: expected 1, found none; "),
    "an older version": ('{"version": 0}', "known.json: version: expected 1, found 0; "),
    "a newer version": (
        '{"version": 2}',
        "known.json: version: expected 1, found 2: a newer layercheck wrote it, use that one",
    ),
    "depth without end": ("[" * 100_000, "known.json: expected findings, found brackets in brackets; "),
    "a version in words": ('{"version": "1"}', 'known.json: version: expected 1, found "1"; '),
    "no findings": ('{"version": 1}', "known.json: findings: expected a list, found null; "),
    "an entry that is none": (
        '{"version": 1, "findings": [{}, 3]}', "known.json: findings[1]: expected object, found int",
    ),
    "a number for a code": (
        '{"version": 1, "findings": [{"path": "a.py", "code": 3, "element": "a", "target": ""}]}',
        "known.json: findings[0].code: expected str, found int",
    ),
    "an unknown key": (
        '{"version": 1, "findings": [{"line": 3}]}',
        "known.json: findings[0]: Object contains unknown field `line`",
    ),
    "a missing key": (
        '{"version": 1, "findings": [{"path": "a.py"}]}',
        "known.json: findings[0]: Object missing required field `code`",
    ),
    "none of it": (
        '{"version": 1, "findings": [{"path": "a", "code": "c", "element": "e", "target": "t", "count": 0}]}',
        "known.json: findings[0].count: expected a number from 1, found 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_name_file_place_found_and_expected(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BaselineError) as caught:
        read(tmp_path, text)
    anew = "remove the file and write it anew with `layercheck baseline`" if message.endswith("; ") else ""
    assert str(caught.value) == message + anew


def test_no_text_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_bytes(b"\xff\xfe")
    with pytest.raises(BaselineError, match="^known.json: expected UTF-8, found invalid start byte; remove"):
        read_baseline(tmp_path / "known.json", "known.json")
    with pytest.raises(BaselineError, match="^gone.json: no such file; `layercheck baseline` writes it$"):
        read_baseline(tmp_path / "gone.json", "gone.json")
    with pytest.raises(BaselineError, match="^here: cannot be read: Is a directory$"):
        read_baseline(tmp_path, "here")


def entry(path: str, element: str, count: int = 1) -> Entry:
    return Entry(path, "LC101", element, "sqlalchemy.orm.Session.execute", count)


A1, A2, B1, B2, C1 = (entry(f"{name[0]}.py", name) for name in ("a.one", "a.two", "b.one", "b.two", "c.one"))
BASE = {A1, A2, B1, B2, C1}
FIRST, MIDDLE, LAST = entry("0.py", "0.x"), entry("b.py", "b.three"), entry("z.py", "z.x")

MERGES: dict[str, tuple[set[Entry], set[Entry]]] = {
    "a first and a last one": (BASE | {FIRST}, BASE | {LAST}),
    "one in the middle and the last one": (BASE | {MIDDLE}, BASE | {LAST}),
    "a last one, and the last one gone": (BASE - {C1}, BASE | {FIRST}),
    "gone in one file, gone in the next": (BASE - {A2}, BASE - {B1}),
    "gone at the end of a file, new file behind it": (BASE - {A2}, BASE | {entry("ab.py", "ab.x")}),
    "one gone, another count": (BASE - {A1}, BASE - {B2} | {entry("b.py", "b.two", 2)}),
    "the same one on both sides": (BASE | {MIDDLE}, BASE | {MIDDLE, FIRST}),
    "first findings of two files": ({C1, A1}, {C1, entry("d.py", "d.x")}),
}


@pytest.mark.parametrize(("ours", "theirs"), MERGES.values(), ids=MERGES)
def test_git_merges_independent_changes(ours: set[Entry], theirs: set[Entry], tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def commit(entries: set[Entry]) -> None:
        (tmp_path / "known.json").write_text(written(entries), "utf-8")
        git("add", "known.json")
        git("commit", "-m", "findings")

    base = {C1} if C1 in ours & theirs and len(ours) == 2 else BASE
    git("init", "-b", "main")
    commit(base)
    git("checkout", "-b", "theirs")
    commit(theirs)
    git("checkout", "main")
    commit(ours)
    git("merge", "theirs", "-m", "both")
    merged = (base & ours & theirs) | (ours - base) | (theirs - base)
    assert (tmp_path / "known.json").read_text("utf-8") == written(merged)
