"""LC502: take away ``except`` clauses for what nothing raises."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding, Severity
from layercheck.fixes.clauses import class_names, without_class
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.injecting import named_in_tests


class DropClause(Fix):
    """Takes a dead class out of an ``except`` clause, with the clause or the ``try`` where that is all."""

    code = "LC502"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the function without the class in its clause."""
        if finding.severity is Severity.ADVICE:
            raise Refused("it is not certain that nothing raises it")
        code = context.code(finding.place.path)
        for node in code.nodes(cst.ExceptHandler):
            start = code.range(node).start
            if (start.line, start.column) == (finding.place.line, finding.place.column - 1):
                break
        else:
            raise Refused("only `except` clauses are removed, not registrations")
        name = finding.target.rpartition(".")[2]
        if named_in_tests(context.view, name):
            raise Refused(f"a test speaks of {name}, and may raise it in place of the code")
        edits = without_class(code, node, [name])
        return Change(_title(code, node, name), tuple(edits))


def _title(code: Code, node: cst.ExceptHandler, name: str) -> str:
    statement = code.parent(node)
    if len(class_names(node)) > 1:
        return f"removed {name} from the clause"
    if isinstance(statement, cst.Try) and (len(statement.handlers) > 1 or statement.finalbody is not None):
        return f"removed the clause for {name}"
    return f"removed the `try` that only caught {name}"
