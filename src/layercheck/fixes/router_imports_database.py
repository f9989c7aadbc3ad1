"""LC102: name a type of the database as text where only its name is needed."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.meanings import meaning_of_text
from layercheck.location import Place, column_of, line_of
from layercheck.program.entities import Module


_TYPES = {"cast": (0, "typ"), "assert_type": (1, "typ")}
"""Functions that do nothing with the type they are given: its position and its name."""


class NameInText(Fix):
    """Makes text of types that only type checkers look at: those ``cast`` or ``assert_type`` is given."""

    code = "LC102"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the router with the types as text; the import stays for type checkers alone."""
        module = context.module(finding.place.path)
        if module is None:
            raise Refused("the file takes no part")
        code = context.code(module.path)
        names = set(finding.target.split(", "))
        edits: list[Edit] = []
        for one in context.view.imports.of_module[module]:
            if one.dotted not in names or Place.of(module.path, one.at) != finding.place:
                continue
            for use in one.uses:
                if use.in_annotation:
                    continue
                start = code.offset(line_of(use.at), column_of(use.at))
                around = (
                    arg for arg in code.nodes(cst.Arg)
                    if code.span(arg.value)[0] <= start < code.span(arg.value)[1]
                )  # fmt: skip
                given = next((arg for arg in around if _is_a_type_alone(context, code, module, arg)), None)
                if given is None:
                    raise Refused(f"{one.bound} is used when the router runs")
                text = code.source(given.value)
                if any(sign in text for sign in "\"'\n"):
                    raise Refused("the type cannot be written as text")
                edit = code.replace(given.value, f'"{text}"')
                edits += [] if edit in edits else [edit]
        return Change("named the type as text", tuple(edits))


def _is_a_type_alone(context: Context, code: Code, module: Module, arg: cst.Arg) -> bool:
    """Return whether an argument is a type that the call hands to type checkers alone."""
    call = code.parent(arg)
    meant = meaning_of_text(context, module, code.source(call.func)) if isinstance(call, cst.Call) else ""
    if not isinstance(call, cst.Call) or not isinstance(meant, str):
        return False
    origin, _, name = meant.rpartition(".")
    if origin not in ("typing", "typing_extensions") or name not in _TYPES:
        return False
    position, keyword = _TYPES[name]
    if arg.keyword is not None:
        return arg.keyword.value == keyword
    return not any(one.star for one in call.args) and call.args.index(arg) == position
