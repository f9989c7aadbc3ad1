"""Cutting the queries out of a handler: each becomes a method of a repository, and a call of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Edit
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.carrying import Carrying, leaves
from layercheck.fixes.extract.chains import Chain, Chains, refuse_at
from layercheck.fixes.extract.helpers import Helpers
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.method_names import method_name
from layercheck.fixes.extract.names import binds, reads, uses
from layercheck.fixes.extract.parameters import Moves, Passed, named
from layercheck.fixes.extract.repositories import Method, Repositories, subject
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.statements import all_nodes, awaits, blocks, headers
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import moved, returned, spliced, whole
from layercheck.fixes.extract.translations import Guard
from layercheck.fixes.extract.typing_text import NONE, Written
from layercheck.fixes.extract.writes import Writes
from layercheck.program.entities import Class, Function


@dataclass(slots=True)
class Queries:
    """Reads the part of a handler that moves; ``edits`` are what becomes of its text."""

    target: Target
    chains: Chains
    results: Results
    locals: Locals
    repositories: Repositories
    service: Service
    moves: Moves
    writes: Writes
    helpers: Helpers
    width: int
    guards: Mapping[cst.Try, Guard] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    _told: list[cst.BaseStatement] = field(default_factory=list)
    _carrying: Carrying = field(init=False)

    def __post_init__(self) -> None:
        self._carrying = Carrying(self.chains)

    def read(self, part: Sequence[cst.BaseStatement]) -> None:
        """Plan the methods for what ``part`` does to the database; raises `Refused`."""
        self._block(part)
        self.edits += self.writes.edits

    # Blocks -------------------------------------------------------------------------------------

    def _block(self, statements: Sequence[cst.BaseStatement]) -> None:
        done: set[int] = set()
        for index, statement in enumerate(statements):
            if index in done:
                continue
            run = self.writes.run(statements, index)
            if run:
                self.writes.write(run, statements[index + len(run) :])
                done.update(range(index, index + len(run)))
                continue
            group = self._group(statements, index)
            if len(group) > 1:
                members = [statements[number] for number in group]
                carried = self._carrying.take(members, statements)
                if carried:
                    done.update(number for number in group if statements[number] in carried)
                    continue
                group = self._with_preparations(group, statements)
                self._grouped([statements[number] for number in group], statements)
                done.update(group)
                continue
            self._statement(statement)

    def _statement(self, statement: cst.BaseStatement) -> None:
        self.locals.learn(statement)
        self.writes.note_changes(statement)
        for header in headers(statement):
            for chain in self.chains.inside(header):
                self._query(chain, [], chain.node)
            self._check(header)
        guard = self.guards.get(statement) if isinstance(statement, cst.Try) else None
        if guard is not None:
            before, self.writes.guard = self.writes.guard, guard
            self._inner(next(blocks(statement)))
            self.writes.guard = before
            return
        for block in blocks(statement):
            self._inner(block)

    def _inner(self, block: Sequence[cst.BaseStatement]) -> None:
        """Read a block that may not run: what is changed in it is not known to be changed behind it."""
        before = self.writes.changed
        self._block(block)
        self.writes.changed = before

    def _check(self, node: cst.CSTNode) -> None:
        """Refuse uses of the session that are no queries."""
        covered = [self.target.code.span(chain.node) for chain in self.chains.inside(node)]
        for name in (self.target.session, *self.chains.database_names):
            for one in uses(name, node):
                start, end = self.target.code.span(one)
                if not any(first <= start and end <= last for first, last in covered):
                    what = "the session" if name == self.target.session else f"the query `{name}`"
                    raise refuse_at(
                        self.target, one, f"{what} is used in a way that cannot move to a repository"
                    )

    # Queries built in several statements -----------------------------------------------------------

    def _group(self, statements: Sequence[cst.BaseStatement], start: int) -> list[int]:
        """Return the statements that build a query, from ``start``, and those that run it."""
        names = set(binds(statements[start])) & self.chains.database_names
        if not names:
            return []
        members = {start}
        grown = True
        while grown:
            grown = False
            for index in range(start, len(statements)):
                statement = statements[index]
                touched = (
                    any(True for name in names for _ in uses(name, statement))
                    or set(binds(statement)) & names
                )
                if index not in members and touched:
                    members.add(index)
                    names |= set(binds(statement)) & self.chains.database_names
                    grown = True
        return sorted(members)

    def _with_preparations(self, group: list[int], statements: Sequence[cst.BaseStatement]) -> list[int]:
        """Return a group with the statements between its own that only make what its queries are made of."""
        between = {number for number in range(group[0], group[-1]) if number not in group}
        between = {
            number
            for number in between
            if not self.chains.mentions(statements[number]) and not leaves(statements[number])
        }
        while True:
            moving = [statements[number] for number in (*group, *between)]
            rest = [one for one in (*self.target.body, *statements) if one not in moving]
            wanted = set(reads(*rest))
            kept = {number for number in between if set(binds(statements[number])).isdisjoint(wanted)}
            if kept == between:
                every = sorted((*group, *between))
                return every if len(every) == every[-1] - every[0] + 1 else group
            between = kept

    def _grouped(self, group: list[cst.BaseStatement], statements: Sequence[cst.BaseStatement]) -> None:
        *before, last = group
        for statement in before:
            self._refuse_moving(statement)
            self.locals.learn(statement)
        self._refuse_between(group, statements)
        bound = binds(*before)
        if all(name in self.chains.database_names for name in bound):
            own = list(headers(last))
            found = [chain for header in own for chain in self.chains.inside(header)]
            inner = [block for block in blocks(last) if self.chains.mentions(*block)]
            using = [one for one in found if any(name in reads(one.node) for name in bound)]
            if len(using) == 1 and not any(name in reads(*block) for block in inner for name in bound):
                self.locals.learn(last)
                self._query(using[0], before, using[0].node)
                for chain in found:
                    if chain is not using[0]:
                        self._query(chain, [], chain.node)
                for block in blocks(last):
                    self._inner(block)
                return
        self._several(group, statements)

    def _several(self, group: list[cst.BaseStatement], statements: Sequence[cst.BaseStatement]) -> None:
        """Move whole statements that share a query; the method returns what is used of them."""
        first, last = statements.index(group[0]), statements.index(group[-1])
        for one in statements[first:last]:
            if one not in group:
                raise refuse_at(self.target, one, "this stands between the parts of a query")
        for statement in group:
            self._refuse_moving(statement)
            self.locals.learn(statement)
            if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Return):
                raise refuse_at(self.target, statement, "what a shared query gives is answered with at once")
        bound = binds(*group)
        rest = [
            one for one in self.target.node.body.body if self.target.line(one) > self.target.line(group[-1])
        ]
        inside = [one for one in statements if self.target.line(one) > self.target.line(group[-1])]
        outs = [name for name in bound if name in reads(*rest, *inside)]
        if any(name in self.chains.database_names for name in outs) or not outs:
            raise refuse_at(self.target, group[0], "the query built here is used in more than one place")
        types = [self.moves.type_of_local(name, group) for name in outs]
        for name_, type_ in zip(outs, types, strict=True):
            self.locals.know(name_, type_)
        passed = self.moves.passed(group, hidden=set(bound))
        code = self.target.code
        edits = [*self.moves.replaced(passed), *self.moves.session_edits(group), *self.moves.listed(group)]
        start, end = whole(code, group)
        lines = moved(code, start, end, edits, "").strip("\r\n").splitlines()
        lines.append(f"return {', '.join(outs)}")
        result = types[0] if len(types) == 1 else Written(
            f"tuple[{', '.join(one.text for one in types)}]",
            tuple(need for one in types for need in one.needs),
        )  # fmt: skip
        entity = self.moves.entity(*group)
        is_async = any(awaits(one) for one in group)
        many = [name for name in outs if name not in ("count", "total")]
        name = f"list_{wording.snake(many[0])}" if many else f"find_{outs[0]}"
        if len(outs) > 1:
            name = "list_page" if set(outs) - set(many) else f"find_{'_and_'.join(outs)}"
        doc = f"Return {' and '.join(outs)}."
        if name == "list_page":
            doc = f"Return a page of {wording.plural(subject(entity))}, and how many there are."
        params = tuple(one.parameter for one in passed)
        method = Method(
            name,
            params,
            result,
            tuple(lines),
            is_async,
            doc,
            self.moves.needs(group, {*bound, *named(passed)}),
        )
        call = self._call(entity, method, passed)
        first, last = code.span(group[0])[0], code.span(group[-1])[1]
        self.edits.append(Edit(code.path, first, last, f"{', '.join(outs)} = {call}"))

    def _refuse_moving(self, statement: cst.BaseStatement) -> None:
        for node in all_nodes(statement):
            if isinstance(node, (cst.Raise, cst.Try, cst.With, cst.FunctionDef)):
                raise refuse_at(self.target, node, "a query is built around this, so neither can move alone")

    def _refuse_between(
        self, group: list[cst.BaseStatement], statements: Sequence[cst.BaseStatement]
    ) -> None:
        """Refuse where what stands between the members of a group would change the query by coming first."""
        lines = [self.target.line(one) for one in group]
        between = [
            one for one in statements if lines[0] < self.target.line(one) < lines[-1] and one not in group
        ]
        if not between:
            return
        builders = [one for one in group[:-1] if self.target.line(one) < self.target.line(between[-1])]
        runs = any(self.chains.inside(*headers(one)) and _runs(self.chains, one) for one in builders)
        if runs or set(binds(*between)) & set(reads(*builders)):
            raise refuse_at(self.target, between[0], "this stands between the parts of a query")

    # One query ----------------------------------------------------------------------------------

    def _query(self, chain: Chain, before: list[cst.BaseStatement], node: cst.BaseExpression) -> None:
        code, target = self.target.code, self.target
        before = [*self._carrying.makers_of(node), *before]
        helper = self.helpers.of(target, chain) if chain.handed else None
        if helper is not None and self.writes.guard is not None:
            what = f"it hands the session to `{helper.name}` where it catches {self.writes.guard.caught}"
            raise refuse_at(target, node, what)
        if helper is not None and not before:
            edit = self.helpers.call(target, chain, helper)
            self.edits.append(edit)
            declared = self.results.type_of(chain)
            if declared is not None and chain.calls[0] is chain.calls[-1]:
                self.locals.remember(node, declared)
            return
        self._refuse_handing(chain)
        if chain.first_method in (
            "begin",
            "begin_nested",
            "connection",
            "rollback",
            "expunge",
            "close",
            "get_bind",
        ):
            if not chain.handed:
                raise refuse_at(target, node, f"it calls {chain.first_method} on the session")
        of_session = chain.root.value == target.session and not chain.handed
        if of_session and chain.first_method in (
            "commit",
            "refresh",
            "flush",
            "add",
            "delete",
            "add_all",
        ):
            raise refuse_at(target, node, f"{chain.first_method} stands inside of another expression")
        bound = set(binds(*before))
        passed = self.moves.passed([*before, node], hidden=bound)
        edits = [*self.moves.replaced(passed), *self.moves.session_edits([*before, node])]
        is_statement = isinstance(code.parent(node), cst.Expr)
        returns = NONE if is_statement else self.results.type_of(chain)
        if returns is None:
            raise refuse_at(
                target, node, f"the type of what `{_short(code.source(node))}` gives is not known"
            )
        text = spliced(code, *code.span(node), edits)
        if self.results.is_listed(chain) and not chain.handed and not is_statement:
            text = f"list({text})"
        lines: list[str] = []
        if before:
            for one in before:
                start, end = whole(code, [one]) if one not in self._told else code.span(one)
                self._told.append(one)
                lines += moved(code, start, end, edits, "").strip("\r\n").splitlines()
            for one in before:
                self.edits.append(code.delete(*whole(code, [one])))
        width = self.width - 8
        lines += returned(text, "", width) if returns is not NONE else returned(text, "", width, "")
        entity = self.moves.entity(node, *before, chain=chain)
        name, doc = method_name(target, self.results, chain, [*before, node], passed, returns, entity)
        params = tuple(one.parameter for one in passed)
        needs = self.moves.needs([*before, node], {*bound, *named(passed)})
        method = Method(
            name, params, returns, tuple(lines), awaits(node) or any(map(awaits, before)), doc, needs
        )
        self.edits.append(code.replace(node, self._call(entity, method, passed)))
        self.locals.remember(node, returns)

    def _call(self, entity: Class, method: Method, passed: Sequence[Passed]) -> str:
        repository = self.repositories.of(entity)
        name = repository.ask(self.writes.guarded(method))
        arguments = ", ".join(one.expression for one in passed)
        call = f"self.{self.service.holder(repository)}.{name}({arguments})"
        return f"await {call}" if method.is_async else call

    def _refuse_handing(self, chain: Chain) -> None:
        if not chain.handed:
            return
        target = self.target
        site = target.site(chain.calls[-1])
        called = target.code.source(chain.calls[-1].func)
        if site is None or (not site.edges and not site.externals and not site.classes):
            raise refuse_at(
                target, chain.node, f"it hands the session to `{called}`, and nothing is known of that"
            )
        if site.classes:
            raise refuse_at(target, chain.node, f"it makes a `{called}` of the session")
        for frame, _ in site.edges:
            entity = frame.entity
            if isinstance(entity, Function):
                layer = target.view.project.layer(entity).layer
                if layer == "service":
                    raise refuse_at(
                        target, chain.node, f"it hands the session to `{called}`, which is a service already"
                    )
                if layer in ("router", "dependency", "app"):
                    raise refuse_at(
                        target,
                        chain.node,
                        f"it hands the session to `{called}`, which belongs to the {layer}",
                    )
                if entity.module is target.function.module:
                    raise refuse_at(
                        target, chain.node, f"it hands the session to `{called}` of its own module"
                    )


def _runs(chains: Chains, statement: cst.BaseStatement) -> bool:
    return any(chain.root.value == chains.target.session for chain in chains.inside(statement))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
