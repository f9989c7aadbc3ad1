"""LC501: give a domain exception its response, where the project gives others theirs."""

from __future__ import annotations

import re

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.error_mappings import (
    Mapped,
    clause,
    handler_stub,
    maps_by_handlers,
    places_of,
    words_of,
)
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.known_answers import known_answer
from layercheck.fixes.route_tables import entry, routes_with_tables
from layercheck.graphs.exception_types import dotted
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.view import View

_STATUSES = (
    (404, re.compile("NotFound|NotExist|DoesNotExist")),
    (409, re.compile("AlreadyExist|Conflict|Duplicate|Exists|Taken")),
    (403, re.compile("Forbidden|(Permission|Access)Denied|NotPermitted|NotAllowed")),
    (422, re.compile("Invalid")),
)


class MapException(Fix):
    """Inserts an ``except`` clause into the handler, or a handler stub beside those that are registered.

    Which of the two the setting ``error-mapping`` says; where it leaves the choice, what the project does.
    A route that maps exceptions by a table gets another entry in place of a clause. The status is the one
    other clauses answer this exception with, else that of the name, or of the name of a base class.
    """

    code = "LC501"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the mapping of the exception the finding names."""
        raised = context.element(finding.target)
        if not isinstance(raised, Class):
            raise Refused("the exception is not one of the project")
        if not isinstance(raised.parent, Module):
            raise Refused(f"{raised.qualname} is not defined at the top of its module")
        function = context.element(finding.element)
        known = known_answer(context, raised)
        status = known.status if known is not None else _status(context.view, raised)
        detail = (known.detail if known is not None else "") or f'"{words_of(raised.name)}"'
        mapped = Mapped(raised.name, raised.module.name, status, detail, raised)
        tables = routes_with_tables(context, function) if isinstance(function, Function) else []
        if tables and context.view.config.error_mapping != "handlers":
            return entry(context, tables, mapped)
        if maps_by_handlers(context):
            return handler_stub(context, mapped)
        if not isinstance(function, Function):
            raise Refused("it leaves many handlers: register one handler for it on the application")
        return clause(context, function, list(places_of(context, function, raised)), mapped)


def _status(view: View, raised: Class) -> int:
    for kind in view.exceptions.types.order(raised):
        name = dotted(kind).rpartition(".")[2]
        for status, pattern in _STATUSES:
            if pattern.search(name):
                return status
    raise Refused(f"the name {raised.name} does not say which status it is")
