"""Tell findings that a baseline knows from new ones, and entries that are no longer needed.

An entry knows a finding by rule, element and target. Where nothing is left that is equal, it still
knows the same finding in a file, or about a class or module, that was renamed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import msgspec

from layercheck.finding import Finding
from layercheck.outcome import Judged, Verdict
from layercheck.triage.baseline_file import Entry, Known


class Surroundings(msgspec.Struct, frozen=True):
    """What must be known of the project to tell what was renamed, and what is gone.

    ``exists`` tells whether the project still has a file, ``names`` are the dotted names of all it
    defines. ``is_judged`` tells whether this run would have found what an entry speaks of.
    """

    exists: Callable[[str], bool]
    names: Collection[str]
    is_judged: Callable[[Entry], bool]

    def defines(self, target: str) -> bool:
        """Return whether the project has what ``target`` names, or the module or class it is in."""
        return target in self.names or target.rpartition(".")[0] in self.names


class Stale(msgspec.Struct, frozen=True):
    """An entry of which ``gone`` findings exist no more."""

    known: Known
    gone: int

    def __str__(self) -> str:
        entry = self.known.entry
        return " ".join(filter(None, (entry.code, entry.path, entry.element, entry.target)))


class Judgement(msgspec.Struct, frozen=True):
    """The findings with their verdicts, in the order they came in, and the entries nothing needs."""

    judged: tuple[Judged, ...]
    stale: tuple[Stale, ...]


def judge(findings: Sequence[Finding], known: Sequence[Known], surroundings: Surroundings) -> Judgement:
    """Return which of ``findings``, in reading order, the entries ``known`` speak of."""
    matching = _Matching(findings, known)
    matching.take(
        lambda finding: (finding.place.path, *_offence(finding)),
        lambda entry: (entry.path, *_offence(entry)),
    )
    vanished = {path for path in {one.entry.path for one in known} if not surroundings.exists(path)}
    matching.take(_offence, lambda entry: _offence(entry) if entry.path in vanished else None)
    for old, new in _renamed(matching, vanished):
        matching.take(_in_file(new), _in_file(old))
    matching.take(
        lambda finding: _about(finding) if surroundings.defines(finding.target) else None,
        lambda entry: None if surroundings.defines(entry.target) else _about(entry),
    )
    judged = tuple(
        Judged(finding, Verdict.KNOWN if index in matching.known else Verdict.NEW)
        for index, finding in enumerate(findings)
    )
    stale = tuple(
        Stale(one, matching.left[one.entry])
        for one in known
        if matching.left[one.entry] and surroundings.is_judged(one.entry)
    )
    return Judgement(judged, stale)


def entries_of(findings: Iterable[Finding]) -> list[Entry]:
    """Return the entries that know ``findings``."""
    counts = Counter((one.place.path, one.code, one.element, one.target) for one in findings)
    return [Entry(*offence, count) for offence, count in sorted(counts.items())]


Key = tuple[str, ...]


class _Matching:
    """Who knows whom so far: indexes of known findings, and how many each entry may still know."""

    def __init__(self, findings: Sequence[Finding], entries: Sequence[Known]) -> None:
        self.findings = findings
        self.entries = entries
        self.known: set[int] = set()
        self.left: Counter[Entry] = Counter({one.entry: one.entry.count for one in entries})

    def new(self) -> Iterator[tuple[int, Finding]]:
        """Yield the findings nobody knows yet, with their indexes."""
        for index, finding in enumerate(self.findings):
            if index not in self.known:
                yield index, finding

    def spare(self) -> list[Entry]:
        """Return the entries that may know more findings."""
        return [one.entry for one in self.entries if self.left[one.entry]]

    def take(
        self, of_finding: Callable[[Finding], Key | None], of_entry: Callable[[Entry], Key | None]
    ) -> None:
        """Let entries know the findings with the same key; None is no key."""
        by_key: dict[Key, list[Entry]] = {}
        for entry in self.spare():
            key = of_entry(entry)
            if key is not None:
                by_key.setdefault(key, []).append(entry)
        for index, finding in list(self.new()) if by_key else ():
            key = of_finding(finding)
            knowing = [one for one in by_key.get(key, ()) if self.left[one]] if key else []
            if knowing:
                self.left[knowing[0]] -= 1
                self.known.add(index)


def _renamed(matching: _Matching, vanished: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a file that vanished and the one it has become, the most certain first.

    A new file has no entry yet. It must show at least half of what was known of the old one, and be
    called the same or define what offended.
    """
    recorded = {one.entry.path for one in matching.entries}
    old: dict[str, Counter[Key]] = {}
    for entry in matching.spare():
        if entry.path in vanished:
            old.setdefault(entry.path, Counter())[_local(entry.path, entry)] += matching.left[entry]
    new: dict[str, Counter[Key]] = {}
    for _, finding in matching.new() if old else ():
        path = finding.place.path
        if path not in recorded:
            new.setdefault(path, Counter())[_local(path, finding)] += 1
    pairs = []
    for before, offences in old.items():
        for after, found in new.items():
            shared = offences & found
            is_named_alike = before.rpartition("/")[2] == after.rpartition("/")[2]
            if 2 * shared.total() >= offences.total() and (is_named_alike or any(key[1] for key in shared)):
                pairs.append((-shared.total(), not is_named_alike, before, after))
    told: set[str] = set()
    for _, _, before, after in sorted(pairs):
        if before not in told and after not in told:
            told.update((before, after))
            yield before, after


def _offence(one: Finding | Entry) -> Key:
    return one.code, one.element, one.target


def _about(one: Finding | Entry) -> Key | None:
    """Return what stays the same when the target moves; None where it is no dotted name."""
    return (one.code, one.element, _last(one.target)) if "." in one.target else None


def _in_file(path: str) -> Callable[[Finding | Entry], Key | None]:
    def key(one: Finding | Entry) -> Key | None:
        stands_in = one.path if isinstance(one, Entry) else one.place.path
        return _local(path, one) if stands_in == path else None

    return key


def _local(path: str, one: Finding | Entry) -> Key:
    """Return what stays the same when the file at ``path`` is renamed."""
    return one.code, _inside(path, one.element), _last(one.target)


def _inside(path: str, element: str) -> str:
    """Return the part of ``element`` behind the name of its module, empty for the module itself."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    for start in range(len(parts)):
        module = ".".join(parts[start:])
        if element == module or element.startswith(f"{module}."):
            return element[len(module) :]
    return element


def _last(target: str) -> str:
    return target.rpartition(".")[2]
