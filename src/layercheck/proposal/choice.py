"""From habits to settings, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from layercheck.finding import RuleInfo
from layercheck.proposal.habits import OWNERS, Habits

FEW = 5
"""So few cases make no habit."""

_HALF, _MAJORITY, _MINORITY, _ODD = 0.5, 0.7, 0.25, 0.1

_HEXAGON = {"domain": ("domain", "core"), "application": ("application", "use_cases", "usecases")}
_ADAPTERS = frozenset({"infrastructure", "adapters", "presentation", "interfaces"})

HABITUAL = ("LC104", "LC402")
"""Rules that speak of every handler alike, so that what most handlers do is a style and no slip."""

HABITUAL_IN_SERVICES = ("LC205",)
"""Rules that speak so of services: where most take what they need by ``Depends``, they are wired so."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, and the count that speaks for it."""

    key: str
    value: str | list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rules find with the settings of today.

    ``warnings`` counts warnings by code; ``by_style`` how often the code departs from each style of
    error mapping; ``rules`` are all rules by code.
    """

    warnings: Counter[str]
    by_style: Mapping[str, int]
    rules: Mapping[str, RuleInfo]


def choose(habits: Habits, trial: Trial) -> list[Setting]:
    """Return the settings that say what the code does already."""
    return [
        _preset(habits),
        *_owner(habits),
        *_error_mapping(habits, trial),
        *_ignored(habits, trial),
    ]


def _preset(habits: Habits) -> Setting:
    if _is_hexagonal(habits):
        return Setting("preset", "hexagonal", "Folders of ports and adapters: domain, application, adapters.")
    if not habits.present & {"service", "repository"}:
        return Setting("preset", "flat", "No service and no repository layer: a young or small project.")
    if "repository" not in habits.present:
        return Setting("preset", "no-repository", "Handlers call services; no repository layer was found.")
    held = f"{habits.services} services hold a session"
    if "service" in habits.present and habits.services.ratio >= _HALF:
        return Setting("preset", "session-in-service", f"{held}.")
    if "service" not in habits.present:
        return Setting("preset", "recommended", "Handlers call repositories; no service layer was found.")
    return Setting("preset", "recommended", f"Handlers call services, services repositories; {held}.")


def _is_hexagonal(habits: Habits) -> bool:
    inner = all(habits.folders.intersection(names) for names in _HEXAGON.values())
    return inner and bool(habits.folders & _ADAPTERS)


def _owner(habits: Habits) -> Iterator[Setting]:
    """Yield who ends transactions: one owner, or two, where the others hardly do."""
    ends = Counter({owner: habits.commits[owner] for owner in OWNERS if habits.commits[owner]})
    total = ends.total()
    frequent = [owner for owner, count in ends.most_common() if count >= _MINORITY * total]
    counts = ", ".join(f"{owner} {count}" for owner, count in ends.most_common())
    if len(frequent) in (1, 2) and sum(ends[owner] for owner in frequent) >= _MAJORITY * total:
        value = frequent[0] if len(frequent) == 1 else frequent
        yield Setting("transaction-owner", value, f"Who ends transactions, by places: {counts}.")


def _error_mapping(habits: Habits, trial: Trial) -> Iterator[Setting]:
    """Yield the style hardly anything departs from, where there is enough to judge."""
    in_router, registered = trial.by_style["handlers"], trial.by_style["router"]
    total = in_router + registered
    if total >= FEW and min(in_router, registered) <= _ODD * total:
        style = "router" if in_router > registered else "handlers"
        counts = f"{in_router} in routers, {registered} by registered exception handlers"
        yield Setting("error-mapping", style, f"Errors that become responses: {counts}.")


def _ignored(habits: Habits, trial: Trial) -> Iterator[Setting]:
    """Yield what to turn off: rules most of the code would have to be changed for."""
    found = list(_habitual(habits, trial))
    if found:
        codes = [code for some, _ in found for code in some]
        yield Setting("ignore", codes, " ".join(reason for _, reason in found))


def _habitual(habits: Habits, trial: Trial) -> Iterator[tuple[list[str], str]]:
    """Yield codes, and the count that makes them a habit."""
    for who, all_of_them, codes in (
        ("handlers", habits.handlers.all, HABITUAL),
        ("services", habits.services.all, HABITUAL_IN_SERVICES),
    ):
        habitual = [
            code for code in codes if trial.warnings[code] >= max(FEW, _HALF * all_of_them)
        ]
        if habitual:
            told = "; ".join(
                f"{code} {trial.rules[code].name}: {trial.warnings[code]} warnings for {all_of_them} {who}"
                for code in habitual
            )
            yield habitual, f"What most {who} do is the style here: {told}."
