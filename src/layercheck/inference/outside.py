"""What the dotted name of an outside thing says about calling it, worked out once for each name."""

from __future__ import annotations

from layercheck.inference.models import configuration, library, orm
from layercheck.inference.models.table import MODELS
from layercheck.inference.registration import may_register

PROVIDERS = "dependency_injector.providers."

QUEUEING = frozenset({"send_task", "enqueue_job"})
"""Methods that are told the name of the task to run."""

_SPECIAL = ("types.FunctionType.", PROVIDERS, "dishka.", "arq.")


class Outside:
    """An outside thing by its canonical ``name``.

    ``is_plain`` is true where no model and no knowledge of a framework says more of a call than the rest:
    ``result``, the name of the class of what it gives, if that is known, whether it may run the functions it
    is handed, ``calls_back``, and whether it is a class by its name.
    """

    __slots__ = ("name", "is_plain", "result", "calls_back", "is_class")

    def __init__(self, name: str) -> None:
        self.name = _canonical(name)
        self.result = library.RESULTS.get(self.name)
        self.is_plain = _is_plain(self.name, self.result is not None)
        self.calls_back = not library.looks_only(self.name)
        self.is_class = library.is_class_name(self.name)


def _canonical(name: str) -> str:
    """Return the one name of an outside thing, or that of its owner and its own."""
    known = library.canonical(name)
    head, dot, tail = name.rpartition(".")
    return f"{library.canonical(head)}.{tail}" if known == name and dot else known


def _is_plain(name: str, has_result: bool) -> bool:
    if name.startswith("builtins."):
        return has_result and name.count(".") == 1 and name not in MODELS
    if name.startswith(_SPECIAL) or name.endswith("()"):
        return False
    if name in MODELS or configuration.knows(name) or orm.knows(name):
        return False
    if library.keeps_arguments(name) or may_register(name):
        return False
    return name.rpartition(".")[2] not in QUEUEING
