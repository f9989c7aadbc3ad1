"""The unit of work that ends the transaction of a service: the project's own, or one that is written."""

from __future__ import annotations

import libcst as cst

from layercheck.fixes.code import Edit, Refused
from layercheck.fixes.extract.collaborators import Collaborator
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Home, Places
from layercheck.fixes.extract.repositories import class_node
from layercheck.fixes.extract.target import Target
from layercheck.program.entities import Class

UNIT = "UnitOfWork"


def unit_of_work(target: Target, places: Places, pages: Pages, rolls_back: bool) -> Collaborator:
    """Return the project's unit of work, or write one."""
    view = target.view
    for cls in view.project.program.classes:
        if cls.name == UNIT and cls.module.source.root == target.function.module.source.root:
            if rolls_back and "rollback" not in cls.methods:
                pages.edit(*_with_rollback(target, cls))
            return Collaborator(UNIT, "_unit_of_work", Origin(cls.module.name, UNIT, UNIT))
    home = places.of_unit_of_work()
    module, _, name = target.session_type.rpartition(".")
    is_async = name.startswith("Async")
    head, waits = ("async def", "await ") if is_async else ("def", "")
    text = (
        f'class {UNIT}:\n    """Ends the transaction of a request."""\n\n'
        f"    def __init__(self, session: {name}) -> None:\n        self._session = session\n\n"
        f'    {head} commit(self) -> None:\n        """Keep what was done."""\n'
        f"        {waits}self._session.commit()"
    )
    if rolls_back:
        text += f"\n\n{_rollback(head, waits)}"
    pages.add(home, text, [Origin(module, name, name)], "The transaction of a request.")
    return Collaborator(UNIT, "_unit_of_work", Origin(home.name, UNIT, UNIT))


def _with_rollback(target: Target, cls: Class) -> tuple[Home, list[Edit]]:
    """Return the edit that lets a unit of work like those written here roll back."""
    code = target.context.code(cls.module.path)
    node = class_node(code, cls)
    commit = next(
        (one for one in node.body.body if isinstance(one, cst.FunctionDef) and one.name.value == "commit"),
        None,
    )
    if commit is None or "self._session.commit()" not in code.source(commit.body):
        raise Refused(f"{cls.module.path}: {cls.name} cannot roll back")
    is_async = commit.asynchronous is not None
    head, waits = ("async def", "await ") if is_async else ("def", "")
    line = code.range(node.body.body[-1]).end.line + 1
    home = Home(cls.module.path, cls.module.name, cls.module)
    return home, [code.insert_line(line, f"\n{_rollback(head, waits)}\n")]


def _rollback(head: str, waits: str) -> str:
    doc = '"""Forget what was done."""'
    return f"    {head} rollback(self) -> None:\n        {doc}\n        {waits}self._session.rollback()"
