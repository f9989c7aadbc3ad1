"""LC506: register where the one application is made."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.imports import Imports
from layercheck.graphs.exception_types import dotted, types_of
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.parameters import parameters


class Register(Fix):
    """Calls a function that registers handlers, or registers a handler, behind the only application."""

    code = "LC506"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the application with one statement more."""
        function = context.function(finding)
        apps = context.view.project.apps
        if len(apps) != 1:
            raise Refused(f"there are {len(apps)} applications, so it is not clear which one is meant")
        code = context.code(apps[0].path)
        statement, name = _assignment(code, apps[0].line, apps[0].column)
        module = next(one for one in context.view.project.program.modules if one.path == apps[0].path)
        imports = Imports(context, code, module)
        called = imports.element(function)
        required = [one for one in function.params if one.default is None]
        if len(required) == 1 and function.is_async:
            raise Refused("it is a coroutine, which cannot be called where the application is made")
        if len(required) == 1:
            line = f"{called}({name})"
        else:
            line = f"{name}.add_exception_handler({_handled(context, function, imports)}, {called})"
        added = code.insert_line(code.range(statement).end.line + 1, f"{code.indent(statement)}{line}\n")
        return Change(f"added `{line}`", added=(added,), imports=imports.needed)


def _assignment(code: Code, line: int, column: int) -> tuple[cst.SimpleStatementLine, str]:
    """Return the statement that makes the application, and the name it gives it."""
    call = code.at(cst.Call, line, column)
    around = code.parent(call)
    statement = code.around(call, cst.SimpleStatementLine)
    if statement is not None and len(statement.body) == 1:
        if isinstance(around, cst.Assign) and len(around.targets) == 1:
            target: cst.CSTNode = around.targets[0].target
        else:
            target = around.target if isinstance(around, cst.AnnAssign) else around
        if isinstance(target, cst.Name):
            return statement, target.value
    raise Refused("the application has no name of its own")


def _handled(context: Context, function: Function, imports: Imports) -> str:
    """Return the class a handler takes, by the name it has where it is registered."""
    frame = context.view.calls.declared(function)
    values = list(parameters(context.view.project, frame).values()) if frame is not None else []
    kinds = list(types_of(values[1])) if len(values) == 2 else []
    if len(kinds) != 1:
        raise Refused("it is not clear which exception the handler takes")
    kind = kinds[0]
    if isinstance(kind, Class):
        return imports.element(kind)
    module, _, name = dotted(kind).rpartition(".")
    return name if module == "builtins" else imports.name(module, name)
