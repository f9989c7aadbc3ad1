"""What moves is read statement by statement: queries go to repositories, errors become exceptions."""

from __future__ import annotations

from dataclasses import dataclass, field

from layercheck.fixes.code import Edit
from layercheck.fixes.extract.chains import Chains, refuse_at
from layercheck.fixes.extract.errors import Error, Errors
from layercheck.fixes.extract.exception_classes import Chosen, ExceptionClasses
from layercheck.fixes.extract.helpers import Helpers
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.parameters import Moves
from layercheck.fixes.extract.queries import Queries
from layercheck.fixes.extract.refusals import refuse_foreign
from layercheck.fixes.extract.repositories import Repositories
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.split import Answers, Parts, every_return
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP
from layercheck.fixes.extract.transactions import Owner, changes_in, commits_in
from layercheck.fixes.extract.translations import MARK, Guard, Translation, is_checked_late, translations
from layercheck.fixes.extract.typing_text import Annotations
from layercheck.fixes.extract.writes import Writes
from layercheck.program.entities import Class


@dataclass(slots=True)
class Reading:
    """Reads one handler and the functions that move with it.

    ``is_kept`` tells that the provider of the service commits whatever was done.
    """

    target: Target
    chains: Chains
    results: Results
    locals: Locals
    annotations: Annotations
    repositories: Repositories
    service: Service
    owner: Owner
    is_kept: bool
    primary: Class
    exceptions: ExceptionClasses
    width: int
    errors: dict[str, Error] = field(default_factory=dict)
    chosen: dict[str, Chosen] = field(default_factory=dict)
    commits: bool = False
    rolls_back: bool = False
    helpers: Helpers = field(init=False)

    def __post_init__(self) -> None:
        self.helpers = Helpers(self.target, self.service, self.width, self._of_helper)

    def read(self, parts: Parts) -> list[Edit]:
        """Return what becomes of the text of the handler that moves; raises `Refused`."""
        return self._read(self.target, self.chains, self.results, self.locals, parts, frozenset())

    def _of_helper(self, inner: Target) -> tuple[list[Edit], list[Origin]]:
        """Return what becomes of the text of a helper, and the exceptions it raises."""
        chains = Chains(inner)
        for commit in commits_in(inner, chains):
            raise refuse_at(inner, commit, f"`{inner.function.name}`, which is handed the session, commits")
        changed = next(changes_in(inner, chains), None)
        if changed is not None and self.owner is Owner.NOBODY and self.is_kept:
            raise refuse_at(inner, changed, "it changes this and never commits, but the provider would")
        parts = Parts(inner.body, (), ())
        answers = Answers(inner)
        for one in every_return(inner.body):
            if one.value is not None and answers.is_web(one.value):
                raise refuse_at(inner, one, f"`{inner.function.name}`, which is handed the session, answers")
        results, known = Results(chains, self.annotations), Locals(inner, self.annotations)
        edits = self._read(inner, chains, results, known, parts, frozenset(inner.params))
        raised = [one.origin for one in self.chosen.values()]
        return edits, [one for one in raised if any(one.name in edit.new for edit in edits)]

    def _read(
        self, target: Target, chains: Chains, results: Results, known: Locals, parts: Parts,
        local: frozenset[str],
    ) -> list[Edit]:  # fmt: skip
        errors = Errors(target, self.primary.name, self.exceptions.suffix, self.errors, local)
        raised = errors.read(parts.moving, parts.refusals)
        self.chosen.update({one.name: self.exceptions.choose(one) for one in self.errors.values()})
        answered = self._answered(target, parts, raised)
        refuse_foreign(target, parts, [one.clause for one in answered])
        moves = Moves(target, chains, results, known, self.primary)
        writes = Writes(
            target, chains, known, moves, self.repositories, self.service, self.owner, self.primary
        )
        queries = Queries(
            target, chains, results, known, self.repositories, self.service, moves, writes, self.helpers,
            self.width, {one.node: guard for one, guard in answered.items()},
        )  # fmt: skip
        queries.read(parts.moving)
        self.commits = self.commits or writes.commits
        clauses = [self._clause(target, one, guard) for one, guard in answered.items()]
        return [*queries.edits, *clauses, *(edit._replace(new=self._renamed(edit.new)) for edit in raised)]

    def _answered(self, target: Target, parts: Parts, raised: list[Edit]) -> dict[Translation, Guard]:
        """Return the clauses that go to repositories, with what is raised for them there."""
        at = {edit.start: edit.new for edit in raised}
        spans = [target.code.span(one) for one in parts.moving]
        found: dict[Translation, Guard] = {}
        for one in translations(target):
            start = target.code.span(one.node)[0]
            name = at.get(target.code.span(one.answer)[0], "(")
            if "(" in name or not any(first <= start < last for first, last in spans):
                continue
            chosen = self.chosen[name]
            found[one] = Guard(one.caught, chosen.name, (*one.needs, chosen.origin))
        if found and is_checked_late(target):
            return {}
        return found

    def _clause(self, target: Target, one: Translation, guard: Guard) -> Edit:
        """Return the edit that leaves of a clause what the service has to do."""
        code = target.code
        start, end = code.span(one.clause)
        indent = code.indent(one.clause)
        if not one.rolls_back:
            return Edit(code.path, start, end, f"except {MARK}:\n{indent}{STEP}pass")
        if self.owner not in (Owner.UNIT, Owner.SERVICE) or not self.commits:
            raise refuse_at(target, one.clause, "it rolls back, and the service is not to end transactions")
        self.rolls_back = True
        held = "_session" if self.owner is Owner.SERVICE else "_unit_of_work"
        waits = "await " if target.session_type.rpartition(".")[2].startswith("Async") else ""
        lines = (
            f"except {guard.raised}:",
            f"{indent}{STEP}{waits}self.{held}.rollback()",
            f"{indent}{STEP}raise",
        )
        return Edit(code.path, start, end, "\n".join(lines))

    def _renamed(self, text: str) -> str:
        head, bracket, rest = text.partition("(")
        word, _, name = head.rpartition(" ")
        chosen = self.chosen.get(name)
        return f"{word} {chosen.name}{bracket}{rest}".lstrip() if chosen is not None else text
