"""Who runs whom as part of itself, backwards: which frames something that one of them does comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from layercheck.inference.frames import Frame
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.view import View


class Running:
    """The calls whose targets run before their source goes on."""

    def __init__(self, view: View) -> None:
        self._callers: dict[Frame, list[Frame]] = {}
        for frame in view.project.inference.frames:
            for edge in view.calls.edges(frame):
                if runs_now(edge):
                    self._callers.setdefault(edge.target, []).append(frame)

    def leading_to(
        self, goals: Iterable[Frame], passes: Callable[[Frame], bool] = lambda frame: True
    ) -> dict[Frame, None]:
        """Return ``goals`` and all frames that run one of them; only those that ``passes`` count."""
        found = dict.fromkeys(goals)
        pending = list(found)
        while pending:
            for caller in self._callers.get(pending.pop(), ()):
                if caller not in found and passes(caller):
                    found[caller] = None
                    pending.append(caller)
        return found
