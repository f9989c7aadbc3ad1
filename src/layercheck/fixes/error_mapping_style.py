"""LC505: drop a clause that answers as the registered handler does."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers_anywhere
from layercheck.fixes.clauses import without_class
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.responses import Response, raised_response, returned_response
from layercheck.program.entities import Class, Module
from layercheck.rules.measures.answers import specific_answers


class LeaveToRegistered(Fix):
    """Takes an ``except`` clause away whose response is, word for word, that of the registered handler."""

    code = "LC505"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the handler without the clause."""
        function = context.function(finding)
        code = context.code(finding.place.path)
        clause = _clause(code, finding)
        if clause is None:
            raise Refused("only `except` clauses are removed, where a registered handler answers the same")
        own = raised_response(context, code, function.module, clause)
        wanted = set(finding.target.split(", "))
        named = [one for one in _named(code, clause) if one.rpartition(".")[2] in wanted]
        if len(named) != len(wanted):
            raise Refused("the clause does not call the classes by their names")
        for name in named:
            _check(context, function.module, name, own)
        edits = without_class(code, clause, [one.rpartition(".")[2] for one in named])
        told = " and ".join(sorted(wanted))
        return Change(f"left {told} to the registered handler", tuple(edits))

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers_anywhere(before, after)


def _clause(code: Code, finding: Finding) -> cst.ExceptHandler | None:
    for node in code.nodes(cst.ExceptHandler):
        start = code.range(node).start
        if (start.line, start.column) == (finding.place.line, finding.place.column - 1):
            return node
    return None


def _named(code: Code, clause: cst.ExceptHandler) -> list[str]:
    if isinstance(clause.type, cst.Tuple):
        return [code.source(one.value) for one in clause.type.elements]
    return [code.source(clause.type)] if clause.type is not None else []


def _check(context: Context, module: Module, name: str, own: Response) -> None:
    """Raise `Refused` unless the registered handlers for a class, and those below it, answer the same."""
    cls = meaning_of_text(context, module, name)
    if not isinstance(cls, Class):
        raise Refused(f"{name} is no class of the project")
    answers = context.view.measure(specific_answers)
    for kind in (cls, *context.view.project.inference.hierarchy.descendants(cls)):
        mapping = answers.mapping(kind)
        if mapping is None or mapping.handler is None:
            raise Refused(f"no handler is registered for {kind.name}")
        if returned_response(context, mapping.handler) != own:
            raise Refused(f"the registered handler answers {kind.name} otherwise")
