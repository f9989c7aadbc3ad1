"""Which changes are made: each is tried on a copy of the project, and kept if it mends and harms nothing.

Changes are tried together, as every try is an analysis of the project; where something is wrong, halves
are tried until the guilty one is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from layercheck.finding import Finding, Severity
from layercheck.fixes.code import Edit, Refused
from layercheck.fixes.fix import Analyse, Change, Context, Fix, State
from layercheck.fixes.leftovers import without_leftovers
from layercheck.outcome import Verdict

MOST_ROUNDS = 20


class Done(NamedTuple):
    """A finding that is mended, and how."""

    finding: Finding
    title: str


class Left(NamedTuple):
    """A finding that stays, and why."""

    finding: Finding
    reason: str


class Candidate(NamedTuple):
    """A finding with what may mend it."""

    finding: Finding
    change: Change


Approve = Callable[[Finding, Change, Context], bool]
"""Tells whether a change may be tried."""

DECLINED = "declined"


@dataclass(slots=True)
class Plan:
    """What becomes of the project: new contents of files, what is mended and what stays."""

    contents: dict[str, bytes] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def make_plan(
    start: State,
    analyse: Analyse,
    fixes: Mapping[str, Fix],
    wanted: Callable[[Finding], bool],
    approve: Approve = lambda finding, change, context: True,
) -> Plan:
    """Return the changes by ``fixes`` to what is ``wanted`` of the new findings of ``start``.

    ``analyse`` tries them; ``approve`` is asked before. Rounds go on until nothing more can be done, so
    that a second plan for the result is empty.
    """
    planner = _Planner(start, analyse, fixes, wanted, approve)
    for _ in range(MOST_ROUNDS):
        if not planner.go_round():
            break
    return planner.plan()


class _Planner:
    """The rounds; ``state`` is the project with what was done so far."""

    def __init__(
        self,
        start: State,
        analyse: Analyse,
        fixes: Mapping[str, Fix],
        wanted: Callable[[Finding], bool],
        approve: Approve,
    ) -> None:
        self._state = start
        self._analyse = analyse
        self._fixes = fixes
        self._wanted = wanted
        self._approve = approve
        self._done: list[Done] = []
        self._refused: dict[tuple[str, str], Left] = {}

    def go_round(self) -> bool:
        """Try what can be tried side by side; return whether anything was done."""
        context = Context(self._state)
        batch: list[Candidate] = []
        for finding in self._findings(context):
            try:
                change = self._fixes[finding.code].change(finding, context)
                if not self._fits(batch, change):
                    continue
                if not self._approve(finding, change, context):
                    raise Refused(DECLINED)
            except Refused as refused:
                self._refuse(context, finding, str(refused))
            else:
                batch.append(Candidate(finding, change))
        if not batch:
            return False
        return self._try_all(context, batch)

    def plan(self) -> Plan:
        """Return what came of all rounds, in reading order."""
        return Plan(dict(self._state.contents), self._done, list(self._refused.values()))

    def _findings(self, context: Context) -> list[Finding]:
        new = [one.finding for one in self._state.outcome.findings if one.verdict is Verdict.NEW]
        return [
            one
            for one in new
            if one.code in self._fixes and self._wanted(one) and _identity(context, one) not in self._refused
        ]

    def _refuse(self, context: Context, finding: Finding, reason: str) -> None:
        self._refused[_identity(context, finding)] = Left(finding, reason)

    def _fits(self, batch: Sequence[Candidate], change: Change) -> bool:
        """Return whether ``change`` touches nothing a change of ``batch`` does; what waits has its round."""
        taken = [edit for one in batch for edit in one.change.edits]
        shared = {edit for one in batch for edit in one.change.shared}
        if any(_overlap(edit, other) for edit in change.edits for other in (*taken, *shared)):
            return False
        own = set(change.shared)
        others = {edit for edit in shared if any(edit.path == one.path for one in own)}
        if any(_overlap(edit, other) for edit in own for other in taken):
            return False
        return not others or not own or own == others

    def _try_all(self, context: Context, batch: list[Candidate]) -> bool:
        kept: list[Candidate] = []
        best: State | None = None
        pending = [batch]
        while pending:
            group = pending.pop()
            after, blamed, problem = self._attempt(context, [*kept, *group])
            guilty = [one for one in group if one in blamed]
            if after is not None and not problem:
                kept, best = [*kept, *group], after
            elif guilty or len(group) == 1:
                for one in guilty or group:
                    self._refuse(context, one.finding, blamed.get(one, problem))
                if rest := [one for one in group if one not in guilty] if guilty else []:
                    pending.append(rest)
            else:
                half = len(group) // 2
                pending += (group[half:], group[:half])
        if best is None:
            return False
        self._state = best
        self._done += [Done(one.finding, one.change.title) for one in kept]
        return True

    def _attempt(
        self, context: Context, candidates: list[Candidate]
    ) -> tuple[State | None, dict[Candidate, str], str]:
        """Return the project after the changes of ``candidates``, with what is wrong with it.

        That is a reason for each candidate that is guilty, and one where it is not known who is.
        """
        try:
            contents = {**self._state.contents, **changed_files(context, [one.change for one in candidates])}
        except Refused as refused:
            return None, {}, str(refused)
        after = self._analyse(contents)
        blamed = {
            one: objection
            for one in candidates
            if (objection := self._fixes[one.finding.code].objection(one.finding, self._state, after))
        }
        for one, harm in harms(self._state, after, candidates, self._follows):
            if one is None:
                return after, blamed, harm
            blamed.setdefault(one, harm)
        return after, blamed, next(iter(blamed.values()), "")

    def _follows(self, finding: Finding) -> bool:
        """Return whether ``finding`` is about leftovers the next round clears away."""
        return finding.code in ("LC001", "LC005") and finding.code in self._fixes and self._wanted(finding)


def changed_files(context: Context, changes: Sequence[Change]) -> dict[str, bytes]:
    """Return the contents of the files ``changes`` touch, without imports they leave unused."""
    edits: dict[str, dict[Edit, None]] = {}
    for change in changes:
        for edit in (*change.edits, *change.shared):
            edits.setdefault(edit.path, {})[edit] = None
    return {path: _changed(context, path, list(made)) for path, made in sorted(edits.items())}


def _changed(context: Context, path: str, edits: list[Edit]) -> bytes:
    if not path.endswith((".py", ".pyi")):
        (edit,) = edits
        return edit.new.encode("utf-8")
    code = context.code(path)
    return without_leftovers(context.view, code, code.with_edits(edits))


def _overlap(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    if one.start == other.start:
        return True
    return one.start < other.end and other.start < one.end


def _identity(context: Context, finding: Finding) -> tuple[str, str]:
    """Return what tells ``finding`` from others in later rounds, when lines have moved."""
    try:
        lines = context.data(finding.place.path).split(b"\n")
        text = lines[finding.place.line - 1].strip().decode("utf-8", "replace")
    except (OSError, IndexError):
        text = ""
    return finding.fingerprint, text


def harms(
    before: State, after: State, candidates: Sequence[Candidate], follows: Callable[[Finding], bool]
) -> Iterator[tuple[Candidate | None, str]]:
    """Yield what is wrong with ``after``: what should be gone is not, or something new is there.

    Each comes with the candidate to blame, None where that may be any.
    """
    if unread := set(after.outcome.unread) - set(before.outcome.unread):
        yield None, f"{min(one.place.path for one in unread)} could not be read any more"
    if set(after.outcome.internal_errors) - set(before.outcome.internal_errors):
        yield None, "the result could not be judged"
    was, now = _prints(before), _prints(after)
    mended = Counter(one.finding.fingerprint for one in candidates)
    for one in candidates:
        fingerprint = one.finding.fingerprint
        if now[fingerprint] > was[fingerprint] - mended[fingerprint]:
            yield (one if mended[fingerprint] == 1 else None), "the finding would still be there"
    were: Counter[tuple[str, Severity]] = Counter(_kind(one.finding) for one in before.outcome.findings)
    for judged in after.outcome.findings:
        found = judged.finding
        were[_kind(found)] -= 1
        if were[_kind(found)] < 0 and not follows(found):
            path = found.place.path
            near = [one for one in candidates if any(edit.path == path for edit in one.change.edits)]
            told = f"it would bring {found.code} at {found.place}: {found.message}"
            yield (near[0] if len(near) == 1 else None), told


def _prints(state: State) -> Counter[str]:
    return Counter(one.finding.fingerprint for one in state.outcome.findings)


def _kind(finding: Finding) -> tuple[str, Severity]:
    return finding.fingerprint, finding.severity
