"""Which changes are made: each is tried on a copy of the project, and kept if it mends and harms nothing.

Changes are tried together, as every try is an analysis of the project; where something is wrong, halves
are tried until the guilty one is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from layercheck.finding import Finding, Severity
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.compose import changed_files, overlap
from layercheck.fixes.fix import Analyse, Change, Context, Fix, State
from layercheck.graphs.cycles import components
from layercheck.outcome import Verdict

MOST_ROUNDS = 20

_DEFINED = re.compile(r"\bdef (\w+)")


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


_Identity = tuple[str, str]


class Fault(NamedTuple):
    """Something wrong with a project after changes, and those of them that may be guilty."""

    suspects: frozenset[Candidate]
    reason: str


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
        self._codes: dict[str, Code] = {}
        self._done: list[Done] = []
        self._refused: dict[_Identity, Left] = {}
        self._failed: dict[_Identity, int] = {}
        self._answers: dict[_Identity, bool] = {}

    def go_round(self) -> bool:
        """Try what can be tried side by side; return whether anything was done.

        What failed is tried again when all else is done, for it may work now.
        """
        context = Context(self._state, self._codes)
        declined = {key for key, answer in self._answers.items() if not answer}
        kept = declined | self._failed.keys()
        self._refused = {key: left for key, left in self._refused.items() if key in kept}
        findings = self._findings(context)
        fresh = [one for one in findings if _identity(context, one) not in self._failed]
        if self._go(context, fresh):
            return True
        stale = [one for one in findings if one not in fresh and self._is_worth_it(context, one)]
        return self._go(context, stale)

    def _go(self, context: Context, findings: list[Finding]) -> bool:
        batch: list[Candidate] = []
        for finding in findings:
            try:
                change = self._fixes[finding.code].change(finding, context)
                if not self._fits(batch, change):
                    continue
                if not self._is_approved(finding, change, context):
                    raise Refused(DECLINED)
            except Refused as refused:
                self._refuse(context, finding, str(refused))
            else:
                batch.append(Candidate(finding, change))
        return bool(batch) and self._try_all(context, batch)

    def _is_approved(self, finding: Finding, change: Change, context: Context) -> bool:
        """Return whether the change of ``finding`` may be tried; nobody is asked twice."""
        key = _identity(context, finding)
        if key not in self._answers:
            self._answers[key] = self._approve(finding, change, context)
        return self._answers[key]

    def _is_worth_it(self, context: Context, finding: Finding) -> bool:
        """Return whether something was done since the fix of ``finding`` was tried in vain."""
        return self._failed[_identity(context, finding)] < len(self._done)

    def plan(self) -> Plan:
        """Return what came of all rounds, in reading order."""
        return Plan(dict(self._state.contents), self._done, list(self._refused.values()))

    def _findings(self, context: Context) -> list[Finding]:
        new = [one.finding for one in self._state.outcome.findings if one.verdict is Verdict.NEW]
        return [
            one
            for one in new
            if one.code in self._fixes
            and self._wanted(one)
            and self._answers.get(_identity(context, one), True)
        ]

    def _refuse(self, context: Context, finding: Finding, reason: str) -> None:
        self._refused[_identity(context, finding)] = Left(finding, reason)

    def _fits(self, batch: Sequence[Candidate], change: Change) -> bool:
        """Return whether ``change`` touches nothing a change of ``batch`` does; what waits has its round."""
        return all(_agree(one.change, change) for one in batch)

    def _try_all(self, context: Context, batch: list[Candidate]) -> bool:
        kept: list[Candidate] = []
        best: State | None = None
        pending = [batch]
        while pending:
            group = pending.pop()
            after, faults = self._attempt(context, [*kept, *group])
            blamed = {one: fault.reason for fault in faults for one in group if fault.suspects == {one}}
            if after is not None and not faults:
                kept, best = [*kept, *group], after
            elif blamed or len(group) == 1:
                for one in blamed or group:
                    self._failed[_identity(context, one.finding)] = len(self._done)
                    self._refuse(context, one.finding, blamed.get(one, faults[0].reason))
                if rest := [one for one in group if one not in blamed] if blamed else []:
                    pending.append(rest)
            else:
                pending += reversed(_parted(group, faults))
        if best is None:
            return False
        for one in kept:
            self._refused.pop(_identity(context, one.finding), None)
            self._failed.pop(_identity(context, one.finding), None)
        self._state = best
        self._done += [Done(one.finding, one.change.title) for one in kept]
        return True

    def _attempt(
        self, context: Context, candidates: list[Candidate]
    ) -> tuple[State | None, list[Fault]]:
        """Return the project after the changes of ``candidates``, with what is wrong with it."""
        try:
            contents = {**self._state.contents, **changed_files(context, [one.change for one in candidates])}
        except Refused as refused:
            return None, [Fault(frozenset(candidates), str(refused))]
        after = self._analyse(contents)
        objections: dict[str, list[Candidate]] = {}
        for one in candidates:
            if said := self._fixes[one.finding.code].objection(one.finding, self._state, after):
                objections.setdefault(said, []).append(one)
        faults = [Fault(frozenset(suspects), said) for said, suspects in objections.items()]
        return after, [*faults, *harms(self._state, after, candidates, self._follows)]

    def _follows(self, finding: Finding) -> bool:
        """Return whether ``finding`` is about leftovers the next round clears away."""
        return finding.code in ("LC001", "LC005") and finding.code in self._fixes and self._wanted(finding)


def _agree(one: Change, other: Change) -> bool:
    """Return whether two changes can be made together: what both need is the same or elsewhere."""
    for mine, theirs in ((one, other), (other, one)):
        rest = (*theirs.edits, *theirs.added, *theirs.shared)
        if any(overlap(edit, there) for edit in mine.edits for there in rest):
            return False
        if any(overlap(edit, there) for edit in mine.added for there in theirs.shared):
            return False
        pairs = ((edit, there) for edit in mine.added for there in theirs.added)
        if any(edit != there and _define_the_same(edit, there) for edit, there in pairs):
            return False
    if any(edit != there and overlap(edit, there) for edit in one.shared for there in other.shared):
        return False
    made = {(new.path, new.name): new for new in one.definitions}
    if any(made.get((new.path, new.name), new) != new for new in other.definitions):
        return False
    names = {(name.path, name.name): name for name in one.imports}
    return all(names.get((name.path, name.name), name) == name for name in other.imports)


def _identity(context: Context, finding: Finding) -> _Identity:
    """Return what tells ``finding`` from others in later rounds, when lines have moved."""
    try:
        lines = context.data(finding.place.path).split(b"\n")
        text = lines[finding.place.line - 1].strip().decode("utf-8", "replace")
    except (OSError, IndexError):
        text = ""
    return finding.fingerprint, text


def _define_the_same(one: Edit, other: Edit) -> bool:
    names = [set(_DEFINED.findall(edit.new)) for edit in (one, other)]
    return overlap(one, other) and not names[0].isdisjoint(names[1])


def _parted(group: list[Candidate], faults: Sequence[Fault]) -> list[list[Candidate]]:
    """Return two parts of ``group`` to try one after the other: the suspects apart, else halves."""
    suspects = frozenset[Candidate]().union(*(fault.suspects for fault in faults))
    others = [one for one in group if one not in suspects]
    if others and len(others) < len(group):
        return [others, [one for one in group if one in suspects]]
    half = len(group) // 2
    return [group[:half], group[half:]]


def harms(
    before: State, after: State, candidates: Sequence[Candidate], follows: Callable[[Finding], bool]
) -> Iterator[Fault]:
    """Yield what is wrong with ``after``: what should be gone is not, or something new is there."""
    everybody = frozenset(candidates)
    if unread := set(after.outcome.unread) - set(before.outcome.unread):
        path = min(one.place.path for one in unread)
        yield Fault(_near(candidates, {path}) or everybody, f"{path} could not be read any more")
    if set(after.outcome.internal_errors) - set(before.outcome.internal_errors):
        yield Fault(everybody, "the result could not be judged")
    was, now = _prints(before), _prints(after)
    mended: dict[str, list[Candidate]] = {}
    for one in candidates:
        mended.setdefault(one.finding.fingerprint, []).append(one)
    for fingerprint, same in mended.items():
        if now[fingerprint] > was[fingerprint] - len(same):
            yield Fault(frozenset(same), "the finding would still be there")
    were: Counter[tuple[str, Severity]] = Counter(_kind(one.finding) for one in before.outcome.findings)
    for judged in after.outcome.findings:
        found = judged.finding
        were[_kind(found)] -= 1
        if were[_kind(found)] < 0 and not follows(found):
            told = f"it would bring {found.code} at {found.place}: {found.message}"
            yield Fault(_suspects(candidates, found) or everybody, told)
    known = _circles(before)
    for circle in _circles(after):
        if not any(circle <= one for one in known):
            told = " and ".join(sorted(circle)[:2])
            yield Fault(_near(candidates, circle) or everybody, f"{told} would import each other")


def _suspects(candidates: Sequence[Candidate], found: Finding) -> frozenset[Candidate]:
    """Return the candidates a new finding may come from, as few as can be told."""
    same = [one for one in candidates if one.finding.element == found.element]
    elements = {found.element, *(hop.element for hop in found.chain)}
    on_the_way = [one for one in candidates if one.finding.element in elements]
    paths = {found.place.path, *(hop.place.path for hop in found.chain)}
    return frozenset(same or on_the_way) or _near(candidates, paths)


def _near(candidates: Sequence[Candidate], paths: Collection[str]) -> frozenset[Candidate]:
    return frozenset(one for one in candidates if not one.change.paths.isdisjoint(paths))


def _circles(state: State) -> list[frozenset[str]]:
    """Return the files of modules that load each other, group by group."""
    groups = components(state.view.imports.edges())
    return [frozenset(module.path for module in group) for group in groups if len(group) > 1]


def _prints(state: State) -> Counter[str]:
    return Counter(one.finding.fingerprint for one in state.outcome.findings)


def _kind(finding: Finding) -> tuple[str, Severity]:
    return finding.fingerprint, finding.severity
