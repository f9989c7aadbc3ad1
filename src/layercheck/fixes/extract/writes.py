"""What a handler does to its session: adding, deleting, committing; together they make methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from layercheck.fixes.code import Edit
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chain, Chains, refuse_at
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.parameters import Moves
from layercheck.fixes.extract.repositories import SESSION, Method, Parameter, Repositories, subject
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.statements import all_nodes
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.transactions import Owner
from layercheck.fixes.extract.translations import Guard
from layercheck.fixes.extract.typing_text import NONE
from layercheck.program.entities import Class

_WRITES = frozenset({"add", "add_all", "delete", "flush", "commit", "refresh", "expire"})


@dataclass(slots=True)
class Writes:
    """Reads calls that change the session; ``commits`` tells whether the service ends the transaction.

    ``changed`` are the objects that have changed since they were stored last.
    """

    target: Target
    chains: Chains
    locals: Locals
    moves: Moves
    repositories: Repositories
    service: Service
    owner: Owner
    primary: Class
    commits: bool = False
    guard: Guard | None = None
    edits: list[Edit] = field(default_factory=list)
    changed: frozenset[str] = frozenset()

    def run(self, statements: Sequence[cst.BaseStatement], start: int) -> list[Chain]:
        """Return the calls from ``start`` on that do nothing but change the session, one statement each."""
        found: list[Chain] = []
        for statement in statements[start:]:
            chain = self._write_call(statement)
            if chain is None:
                break
            found.append(chain)
        return found

    def _write_call(self, statement: cst.BaseStatement) -> Chain | None:
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return None
        expression = statement.body[0]
        if not isinstance(expression, cst.Expr):
            return None
        chains = self.chains.inside(expression)
        if len(chains) != 1 or chains[0].node is not expression.value or chains[0].handed:
            return None
        chain = chains[0]
        if chain.root.value != self.target.session:
            return None
        return chain if len(chain.calls) == 1 and chain.first_method in _WRITES else None

    def write(self, run: list[Chain], later: Sequence[cst.BaseStatement]) -> None:
        """Plan what becomes of calls that change the session, those about one object together."""
        code = self.target.code
        lines: list[str] = []
        pending = list(run)
        while pending:
            chain = pending.pop(0)
            method = chain.first_method
            if method in ("add", "delete", "add_all"):
                together = [chain]
                argument = only_argument(self.target, chain)
                while pending and self._belongs(pending[0], argument):
                    together.append(pending.pop(0))
                commits = [one for one in together if one.first_method == "commit"]
                flushes = any(one.first_method in ("commit", "flush") for one in together)
                refreshed = any(one.first_method == "refresh" for one in together)
                lines.append(
                    self._stored(
                        chain, argument, flushes, refreshed and not self._commits_itself(), bool(commits)
                    )
                )
                self.changed -= {code.source(argument)}
                if commits and self._commits_itself():
                    lines.append(self._commit_line())
                    if refreshed:
                        lines.append(self._refreshed(chain, argument))
            elif method in ("commit", "flush"):
                lines += self._ended(chain, pending, later)
            elif method == "refresh":
                guard, self.guard = self.guard, self.guard if chain is run[0] else None
                lines.append(self._refreshed(chain, only_argument(self.target, chain)))
                self.guard = guard
            else:
                raise refuse_at(self.target, chain.node, f"it calls {method} on the session")
        indent = code.indent(run[0].node)
        start = code.span(run[0].node)[0]
        end = code.span(run[-1].node)[1]
        comments = [
            line.strip() for line in code.text[start:end].splitlines() if line.strip().startswith("#")
        ]
        text = f"\n{indent}".join(line for line in (*comments, *lines) if line)
        if text:
            self.edits.append(Edit(code.path, start, end, text))
        else:
            first, last = code.line_of(start), code.line_of(end)
            self.edits.append(code.delete(code.line_start(first), code.line_start(last + 1)))

    def guarded(self, method: Method) -> Method:
        """Return a method that raises what errors of the database mean where it is called."""
        if self.guard is None:
            return method
        return replace(method, lines=self.guard.lines(method.lines), needs=(*method.needs, *self.guard.needs))

    def _commits_itself(self) -> bool:
        return self.owner in (Owner.SERVICE, Owner.UNIT)

    def _commit_line(self) -> str:
        self.commits = True
        waits = "await " if self.target.session_type.rpartition(".")[2].startswith("Async") else ""
        held = "_session" if self.owner is Owner.SERVICE else "_unit_of_work"
        return f"{waits}self.{held}.commit()"

    def _belongs(self, chain: Chain, argument: cst.BaseExpression) -> bool:
        if chain.first_method in ("commit", "flush"):
            return True
        if chain.first_method != "refresh" or not isinstance(argument, cst.Name):
            return False
        return self.target.code.source(only_argument(self.target, chain)) == argument.value

    def _stored(
        self, chain: Chain, argument: cst.BaseExpression, flushes: bool, refreshes: bool, commits: bool
    ) -> str:
        """Return the call that adds or deletes an object."""
        code, verb = self.target.code, chain.first_method
        type_ = self.locals.type_of(argument)
        entity = self.moves.entity(argument, chain=chain)
        made = type_ if type_ is not None else self.locals.annotations.of_class(entity)
        if verb == "add_all":
            made = self.locals.annotations.of_class(entity)
            made = made.listed() if made is not None else None
        if made is None:
            raise refuse_at(self.target, chain.node, "the type of what is stored is not known")
        one = wording.snake(entity.name) if verb != "add_all" else wording.plural(wording.snake(entity.name))
        waits = "await " if isinstance(chain.node, cst.Await) else ""
        pauses = self._pauses()
        lines = [f"{waits}{SESSION}.{verb}({one})"]
        if self.owner is Owner.REPOSITORY and commits:
            lines.append(f"{pauses}{SESSION}.commit()")
        elif flushes:
            lines.append(f"{pauses}{SESSION}.flush()")
        if refreshes:
            lines.append(f"{pauses}{SESSION}.refresh({one})")
        is_new = self.locals.is_made(argument)
        name = {"add": "add" if is_new else "save", "delete": "delete", "add_all": "add_all"}[verb]
        told = subject(entity)
        doc = {
            "add": f"Store a new {told}.", "save": f"Store a changed {told}.",
            "delete": f"Remove {wording.article(told)}.",
            "add_all": f"Store new {wording.plural(told)}.",
        }[name]  # fmt: skip
        if not flushes and not refreshes:
            name = {"add": "stage", "save": "stage", "delete": "stage_removal", "add_all": "stage_all"}[name]
            doc = f"{doc.rstrip('.')} with the next flush."
            pauses = waits
        method = Method(name, (Parameter(one, made),), NONE, tuple(lines), bool(pauses), doc)
        repository = self.repositories.of(entity)
        asked = repository.ask(self.guarded(method))
        return f"{pauses}self.{self.service.holder(repository)}.{asked}({code.source(argument)})"

    def _refreshed(self, chain: Chain, argument: cst.BaseExpression) -> str:
        entity = self.moves.entity(argument, chain=chain)
        made = self.locals.annotations.of_class(entity)
        one = wording.snake(entity.name)
        if made is None or len(chain.calls[-1].args) > 1 and chain.first_method == "refresh":
            raise refuse_at(self.target, chain.node, "it refreshes more than an object")
        pauses = self._pauses()
        method = Method(
            "refresh", (Parameter(one, made),), NONE, (f"{pauses}{SESSION}.refresh({one})",), bool(pauses),
            f"Read {wording.article(subject(entity))} again.",
        )  # fmt: skip
        repository = self.repositories.of(entity)
        name = repository.ask(self.guarded(method))
        return f"{pauses}self.{self.service.holder(repository)}.{name}({self.target.code.source(argument)})"

    def _ended(self, chain: Chain, pending: list[Chain], later: Sequence[cst.BaseStatement]) -> list[str]:
        """Return what stands for a commit or flush of what was changed before."""
        changed = sorted(self.changed)
        self.changed = frozenset()
        refreshed = [one for one in pending if one.first_method == "refresh"]
        if chain.first_method == "commit" and self._commits_itself():
            guarded = [self._flushed(changed, chain, False)] if self.guard is not None else []
            return [*guarded, self._commit_line()]
        if (
            self.owner is Owner.REPOSITORY
            or refreshed
            or self.guard is not None
            or chain.first_method == "flush"
            or self._goes_on(later)
        ):
            lines = self._flushed(
                changed, chain, self.owner is Owner.REPOSITORY and chain.first_method == "commit"
            )
            return [lines]
        return []

    def _goes_on(self, later: Sequence[cst.BaseStatement]) -> bool:
        """Return whether something runs after what is flushed that may look at the database."""
        return any(self.chains.mentions(one) for one in later)

    def _flushed(self, changed: list[str], chain: Chain, commits: bool) -> str:
        entity = self.primary
        pauses = self._pauses()
        verb = "commit" if commits else "flush"
        if len(changed) == 1:
            entity = self.locals.entity_of(changed[0]) or self.primary
            made = self.locals.annotations.of_class(entity)
            one = wording.snake(entity.name)
            if made is not None:
                lines = (f"{SESSION}.add({one})", f"{pauses}{SESSION}.{verb}()")
                doc = f"Store a changed {subject(entity)}."
                method = Method("save", (Parameter(one, made),), NONE, lines, bool(pauses), doc)
                repository = self.repositories.of(entity)
                asked = repository.ask(self.guarded(method))
                return f"{pauses}self.{self.service.holder(repository)}.{asked}({changed[0]})"
        method = Method(
            verb, (), NONE, (f"{pauses}{SESSION}.{verb}()",), bool(pauses), "Store what was changed."
        )  # fmt: skip
        repository = self.repositories.of(entity)
        return f"{pauses}self.{self.service.holder(repository)}.{repository.ask(self.guarded(method))}()"

    def _pauses(self) -> str:
        return "await " if self.target.session_type.rpartition(".")[2].startswith(("Async", "async")) else ""

    def note_changes(self, statement: cst.BaseStatement) -> None:
        """Remember the objects whose attributes a statement sets: those the handler has from a query.

        What is set in a block may not be set at all, and what the handler was handed may belong to
        another session: nothing but a flush is sure to do what the handler did.
        """
        if not isinstance(statement, cst.SimpleStatementLine):
            return
        for node in all_nodes(statement):
            if isinstance(node, (cst.AssignTarget, cst.AugAssign)) and isinstance(node.target, cst.Attribute):
                if isinstance(node.target.value, cst.Name) and self.locals.is_queried(
                    node.target.value.value
                ):
                    self.changed |= {node.target.value.value}
            if (
                isinstance(node, cst.Call)
                and isinstance(node.func, cst.Name)
                and node.func.value == "setattr"
            ):
                first = node.args[0].value
                if isinstance(first, cst.Name) and self.locals.is_queried(first.value):
                    self.changed |= {first.value}


def only_argument(target: Target, chain: Chain) -> cst.BaseExpression:
    """Return the first argument of a call of the session; raises `Refused` where there is none."""
    args = chain.calls[-1].args
    if not args:
        raise refuse_at(target, chain.node, f"{chain.first_method} is not handed an object")
    return args[0].value
