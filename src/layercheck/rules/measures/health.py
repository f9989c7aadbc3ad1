"""Health checks: handlers that only ask the database for a sign of life."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from layercheck.facts import records as r
from layercheck.inference.frames import Frame
from layercheck.inference.values import NOTHING, Const, Made, Value
from layercheck.program.entities import Function
from layercheck.project.statements import builds_statement
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.handlers import Handler, runs_now
from layercheck.rules.measures.syntax import plain
from layercheck.rules.view import View

HEALTH_PATHS = (
    "*health*", "*ready*", "*readiness*", "*live", "*liveness*", "*livez", "*ping", "*status", "*alive*",
)  # fmt: skip
"""Patterns of the paths that health and readiness checks usually answer."""


class HealthChecks:
    """Tells which handlers only ask for a sign of life."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._paths: Sequence[str] = view.config.option("LC101", "health-paths", HEALTH_PATHS)
        self._known: dict[Function, bool] = {}

    def covers(self, handler: Handler) -> bool:
        """Return whether ``handler`` answers a path of health checks and runs constant statements alone.

        One that answers another path may be called like one of them: ``health`` at the root of a server.
        """
        known = self._known.get(handler.function)
        if known is None:
            known = self._known[handler.function] = self._is_one(handler)
        return known

    def _is_one(self, handler: Handler) -> bool:
        names = [*(route.path.lower() for route in handler.routes), f"/{handler.function.name.lower()}"]
        if not any(fnmatchcase(name, pattern) for name in names for pattern in self._paths):
            return False
        reached = self._view.calls.reached(handler.frame, runs_now)
        touches = [touch for frame in reached for touch in self._database.touches(frame) if touch.runs]
        return bool(touches) and all(map(_is_constant, touches))


def _is_constant(touch: Touch) -> bool:
    given = touch.site.args[0] if touch.site.args else NOTHING
    if given and all(_is_text(value) for value in given):
        return True
    if not isinstance(touch.frame.entity, Function):
        return False
    call = touch.frame.entity.calls.get(touch.at)
    return call is not None and bool(call.args) and _selects_constants(touch.frame, call.args[0])


def _is_text(value: Value) -> bool:
    """Return whether ``value`` is SQL without anything put into it."""
    if isinstance(value, Made) and value.name.endswith(".text"):
        return all(isinstance(inner, Const) for inner in value.argument(0, "text"))
    return isinstance(value, Const) and isinstance(value.value, str)


def _selects_constants(frame: Frame, expression: r.Expr) -> bool:
    statement = plain(expression)
    if not isinstance(statement, r.Call):
        return False
    site = frame.sites.get((statement.at, "call"))
    builds = site is not None and any(builds_statement(name) for name in site.externals)
    return builds and all(isinstance(argument, r.Constant) for argument in statement.args)
