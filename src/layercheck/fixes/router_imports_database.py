"""LC102: name a type of the database as text where only its name is needed."""

from __future__ import annotations

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.meanings import meaning_of_text
from layercheck.location import Place, column_of, line_of


class NameInText(Fix):
    """Makes text of the types that ``cast`` is given, which is all that the router needs them for."""

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
                given = next(
                    (
                        arg for arg in code.nodes(cst.Arg)
                        if code.span(arg.value)[0] <= start < code.span(arg.value)[1]
                        and isinstance(around := code.parent(arg), cst.Call)
                        and around.args[0] is arg
                        and meaning_of_text(context, module, code.source(around.func)) == "typing.cast"
                    ),
                    None,
                )  # fmt: skip
                if given is None:
                    raise Refused(f"{one.bound} is used when the router runs")
                text = code.source(given.value)
                if any(sign in text for sign in "\"'\n"):
                    raise Refused("the type cannot be written as text")
                edit = code.replace(given.value, f'"{text}"')
                edits += [] if edit in edits else [edit]
        return Change("named the type as text", tuple(edits))
