"""LC508: let what has a response of its own pass a broad ``except``."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.imports import Imports
from layercheck.fixes.responses import logs
from layercheck.graphs.exception_types import ExceptionType, dotted
from layercheck.program.entities import Class
from layercheck.rules.errors.broad_except_hides_mapping import hidden_by
from layercheck.rules.measures.words import enumerate_words


class RaiseFirst(Fix):
    """Inserts a clause in front of the broad one that raises again what it would hide."""

    code = "LC508"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the ``try`` with one clause more."""
        code, function = context.code(finding.place.path), context.function(finding)
        handler = code.at(cst.ExceptHandler, finding.place.line, finding.place.column)
        if not all(map(_only_answers, handler.body.body)):
            raise Refused("the clause does more than to log and answer, which must not be passed over")
        imports = Imports(context, code, function.module)
        raised = hidden_by(context.view, finding.place)
        names = sorted({_name(imports, kind) for kind in raised})
        caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
        indent = code.indent(handler)
        clause = f"{indent}except {caught}:\n{indent}{code.module.default_indent}raise\n"
        start = code.line_start(code.range(handler).start.line)
        told = enumerate_words(f"`{name}`" for name in names)
        return Change(f"raised {told} again first", (code.insert(start, clause),), imports=imports.needed)


def _name(imports: Imports, kind: ExceptionType) -> str:
    if isinstance(kind, Class):
        return imports.element(kind)
    module, _, name = dotted(kind).rpartition(".")
    if module == "builtins":
        return name
    return imports.name(module, name)


def _only_answers(statement: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    """Return whether a statement logs, raises or returns."""
    if isinstance(statement, cst.SimpleStatementLine):
        return all(map(_only_answers, statement.body))
    if isinstance(statement, cst.BaseSmallStatement) and logs(statement):
        return True
    return isinstance(statement, (cst.Raise, cst.Return, cst.Pass))
