"""Helper objects of the routers that hand on to repositories, and do nothing else."""

from __future__ import annotations

from functools import cache

from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.measures.queries import OWNERLESS
from layercheck.rules.view import View

_OWN_EFFECTS = frozenset({"service", "infrastructure", "task"})


class Forwarding:
    """Tells which calls are as good as the calls of repositories they lead to, judged once per frame."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._known: dict[Frame, bool] = {}
        self._does_more = cache(self._is_doing_more)
        self._hands_on = cache(self._is_handing_on)

    def covers(self, edge: Edge) -> bool:
        """Return whether ``edge`` calls a helper object of the routers that only hands on to repositories.

        Such a call is as good as the call of the repository: the helper answers for what was not found and
        maps errors. Methods of views, and helpers that run statements or call services, do more.
        """
        target = edge.target
        if not isinstance(target.entity, Function) or target.entity.owner is None or edge.kind != "call":
            return False
        found = self._known.get(target)
        if found is None:
            is_helper = self._database.layer(target) == "router" and not _is_view(
                self._view, target.entity.owner
            )
            found = self._known[target] = is_helper and self._only_hands_on(target)
        return found

    def _only_hands_on(self, helper: Frame) -> bool:
        database = self._database
        hands_on = False
        for frame in self._view.calls.reached(
            helper, lambda one: runs_now(one) and database.layer(one.target) in OWNERLESS
        ):
            if self._does_more(frame):
                return False
            hands_on = hands_on or self._hands_on(frame)
        return hands_on

    def _is_doing_more(self, frame: Frame) -> bool:
        """Return whether ``frame`` itself runs statements, or calls what has effects of its own."""
        calls, layer = self._database.calls(frame), self._database.layer
        runs = any(touch.runs for touch in self._database.touches(frame))
        return runs or any(layer(one.target) in _OWN_EFFECTS for one in calls)

    def _is_handing_on(self, frame: Frame) -> bool:
        return any(map(self._database.is_data_access, self._database.calls(frame)))


def _is_view(view: View, owner: Class) -> bool:
    """Return whether ``owner`` or a class that derives from it holds handlers."""
    below = (owner, *view.project.inference.hierarchy.descendants(owner))
    return any(method in view.project.handlers for cls in below for method in cls.methods.values())
