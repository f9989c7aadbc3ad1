"""Taking one handler apart: read it, plan the pieces, write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Edit, Refused
from layercheck.fixes.extract import mapping, wording
from layercheck.fixes.extract.chains import Chains, refuse_at
from layercheck.fixes.extract.exception_classes import ExceptionClasses
from layercheck.fixes.extract.lifting import lifted
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.names import Origin, binds, uses
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Places
from layercheck.fixes.extract.reading import Reading
from layercheck.fixes.extract.repositories import Repositories
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.service_methods import ServiceMethod, ServiceMethods
from layercheck.fixes.extract.services import find_provider, find_service
from layercheck.fixes.extract.settings import line_length
from layercheck.fixes.extract.split import Parts, split
from layercheck.fixes.extract.target import Target, find_handler, read_target
from layercheck.fixes.extract.text import STEP, signature, whole
from layercheck.fixes.extract.transactions import Owner, choose_owner, commits_itself
from layercheck.fixes.extract.typing_text import NONE, Annotations
from layercheck.fixes.extract.wiring import Wiring
from layercheck.fixes.extract.writing import repository_text, service_text
from layercheck.fixes.fix import Analyse, Context, State
from layercheck.inference.values import Instance
from layercheck.program.entities import Class
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import Handler
from layercheck.rules.measures.queries import Queries as RunQueries
from layercheck.rules.measures.thin import Thinness


class Extraction(NamedTuple):
    """What becomes of a handler: the new contents of files, and its dotted name."""

    element: str
    contents: Mapping[str, bytes]


def extract(state: State, path: str, name: str, analyse: Analyse) -> Extraction:
    """Return the project with the handler ``name`` of the file at ``path`` taken apart; raises `Refused`.

    Where the handler has to be written in another way first, the project is analysed again with that.
    """
    context = Context(state)
    handler = find_handler(state.view, path, name)
    view = state.view
    if view.measure(Thinness).is_thin(handler):
        raise Refused(f"{handler.title} is thin: there is nothing a service would add")
    if not view.measure(RunQueries).run_by(handler.frame):
        database = view.measure(Database)
        if not any(touch for touch in database.touches(handler.frame)) and not database.takes_session(
            handler.frame
        ):
            given = _repositories(state, handler)
            if given:
                told = f"takes {', '.join(given)} and no session: there are no queries to move"
                raise Refused(f"{handler.title} {told}")
            raise Refused(f"{handler.title} does not touch the database")
    target = read_target(context, handler)
    changed = lifted(target)
    if changed is None:
        return _Extractor(target).extraction()
    contents = {**state.contents, target.code.path: changed}
    return extract(analyse(contents), path, name, analyse)


def _repositories(state: State, handler: Handler) -> list[str]:
    """Return the names of the repositories a handler takes as dependencies."""
    project = state.view.project
    return sorted(
        {
            value.cls.name
            for values in state.view.measure(Database).parameters(handler.frame).values()
            for value in values
            if isinstance(value, Instance) and isinstance(value.cls, Class)
            if project.layer(value.cls).layer == "repository"
        }
    )


class _Extractor:
    """One handler on its way; the steps are in `extraction`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.context = target.context
        self.annotations = Annotations(target.context, target.origins)
        self.chains = Chains(target)
        self.results = Results(self.chains, self.annotations)
        self.locals = Locals(target, self.annotations)
        self.width = line_length(Path(target.context.state.outcome.root), target.code.path)

    def extraction(self) -> Extraction:
        target, code = self.target, self.target.code
        parts = split(target, self.chains)
        primary = self._primary(parts)
        places = Places(target, primary)
        service = find_service(self.context, target.function.module, primary)
        provider = find_provider(self.context, service.existing) if service.existing is not None else None
        owner = choose_owner(target, self.chains, parts.moving, provider)
        frame = target.view.calls.declared(provider.function) if provider is not None else None
        is_kept = frame is not None and commits_itself(target.view, frame)
        repositories = Repositories(self.context, target.function.module)
        exceptions = ExceptionClasses(self.context, target.function.module, places.of_exceptions())
        reading = Reading(
            target, self.chains, self.results, self.locals, self.annotations, repositories, service, owner,
            is_kept, primary, exceptions, self.width,
        )  # fmt: skip
        edits = reading.read(parts)
        names, helpers = reading.chosen, list(reading.helpers.found.values())
        methods = ServiceMethods(target, self.chains, self.results, self.locals, self.annotations)
        method = methods.method(parts, edits, service, list(names.values()))
        needed = [
            *method.needs,
            *(origin for one in helpers for origin in one.needs),
            *(origin for one in repositories.used for new in one.new for origin in new.origins),
        ]
        if not places.is_single:
            self._refuse_own(needed)
        start = code.span_with_comments(target.node)[0]
        front = start + len(code.text[start:]) - len(code.text[start:].lstrip())
        pages = Pages(self.context, code, front, self.width)
        for chosen in names.values():
            exceptions.write(chosen, pages)
        documented = target.node.get_docstring() is not None
        for repository in repositories.used:
            repository_text(
                self.context, repository, places, pages, target.session_type, documented, self.width
            )
        wiring = Wiring(
            target,
            places,
            pages,
            service,
            provider,
            repositories.used,
            owner,
            reading.commits,
            reading.rolls_back,
            self.width,
        )
        service_text(
            self.context,
            service,
            method,
            helpers,
            wiring,
            places,
            pages,
            documented,
            self.width,
            target,
            primary,
        )
        dependency = wiring.write()
        clauses = mapping.clauses(target, list(reading.errors.values()), names, pages, places, self.width)
        self._handler(parts, method, dependency, clauses, owner, pages, places)
        pages.edit(places.here(), reading.helpers.unused())
        return Extraction(target.function.qualname, pages.contents())

    # Reading ------------------------------------------------------------------------------------

    def _primary(self, parts: Parts) -> Class:
        """Return the entity the handler is about: the one its queries are about most often."""
        counted: Counter[Class] = Counter()
        for chain in self.chains.inside(*parts.moving):
            for entity in self.chains.entities(chain)[:1]:
                counted[entity] += 1
        if not counted:
            for values in self.target.parameters.values():
                counted.update(self.target.tables(values))
        if not counted:
            raise Refused(f"{self.target.at(self.target.node.name)}: no table the handler is about is known")
        best = max(counted.values())
        named = [one for one, count in counted.items() if count == best]
        words = set(wording.words(self.target.function.module.name)) | set(
            wording.words(self.target.function.name)
        )
        for one in named:
            told = wording.snake(one.name)
            if told in words or wording.plural(told) in words:
                return one
        return named[0]

    def _refuse_own(self, needed: Sequence[Origin]) -> None:
        """Refuse what needs a name that is defined beside the handler: importing it would make a circle."""
        target = self.target
        own = [one.name for one in needed if one.module == target.function.module.name]
        for statement in target.body:
            for use in (one for name in own for one in uses(name, statement)):
                raise refuse_at(
                    target,
                    use,
                    f"it needs `{use.value}` of this file; move that to a module of its own first",
                )

    # The handler --------------------------------------------------------------------------------

    def _handler(
        self,
        parts: Parts,
        method: ServiceMethod,
        dependency: mapping.Dependency,
        clauses: mapping.Clauses,
        owner: Owner,
        pages: Pages,
        places: Places,
    ) -> None:
        target, code = self.target, self.target.code
        taken = {*target.params, *binds(target.node.body)}
        service = next(name for name in ("service", dependency.wanted) if name not in taken)
        arguments = ", ".join(expression for expression, _ in method.passed)
        waits = "await " if method.is_async else ""
        call = f"{waits}{service}.{method.name}({arguments})"
        indent = code.indent(parts.moving[0])
        if parts.returns or (not parts.staying and method.returns is not NONE):
            line = f"return {call}"
        elif parts.outs:
            line = f"{', '.join(parts.outs)} = {call}"
        else:
            line = call
        lines = self._wrapped(line, indent + (STEP if clauses.text else ""), method, service, waits)
        if clauses.text:
            lines = [f"{indent}try:", *lines, *(f"{indent}{one}" for one in clauses.text)]
        if owner is Owner.ROUTER:
            commit = f"{target.session}.commit()"
            pauses = "await " if target.session_type.rpartition(".")[2].startswith("Async") else ""
            if parts.returns:
                raise Refused(f"{target.at(target.node.name)}: the handler answers before it could commit")
            lines.append(f"{indent}{pauses}{commit}")
        start, end = whole(code, parts.moving)
        text = "".join(f"{one}\n" for one in lines).replace("\n", code.newline)
        edits = [Edit(code.path, start, end, text), self._parameter(service, dependency, owner)]
        pages.edit(places.here(), edits, [*dependency.needs, *clauses.needs])

    def _wrapped(self, line: str, indent: str, method: ServiceMethod, service: str, waits: str) -> list[str]:
        if len(indent) + len(line) <= self.width or not method.passed:
            return [f"{indent}{line}"]
        head = line[: line.rindex(f"{service}.{method.name}(")] + f"{service}.{method.name}"
        return signature(head, [expression for expression, _ in method.passed], "", indent, self.width)

    def _parameter(self, service: str, dependency: mapping.Dependency, owner: Owner) -> Edit:
        code = self.target.code
        param = self.target.params[self.target.session]
        last: cst.CSTNode = param.default or (param.annotation.annotation if param.annotation else param.name)
        start, end = code.span(param.name)[0], code.span(last)[1]
        # a closing bracket of an annotation belongs to it
        new = dependency.parameter(service)
        if owner is Owner.ROUTER:
            new = f"{code.text[start:end]}, {new}"
        return Edit(code.path, start, end, new)
