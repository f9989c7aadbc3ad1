"""Who ends the transaction of a handler once its queries stand in a repository."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

import libcst as cst

from layercheck.fixes.code import Refused
from layercheck.fixes.extract.chains import Chains, called, calls_in
from layercheck.fixes.extract.services import Provider
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.translations import translations
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.fastapi_versions import fastapi_versions
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.view import View

_CHANGING = frozenset({"add", "add_all", "delete", "merge"})
_STATEMENTS = frozenset({"insert", "update", "delete"})


class Owner(enum.Enum):
    """Who commits."""

    NOBODY = "nobody has to"
    SESSION = "the provider of the session"
    PROVIDER = "the provider of the service"
    ROUTER = "the handler"
    REPOSITORY = "the repository"
    SERVICE = "the service"
    UNIT = "the service, by a unit of work"


def commits_in(target: Target, chains: Chains) -> list[cst.Call]:
    """Return the commits of the handler itself."""
    return [
        one.calls[-1]
        for one in chains.inside(target.node.body)
        if one.first_method == "commit" and not one.handed
    ]


def choose_owner(
    target: Target, chains: Chains, service_part: Sequence[cst.BaseStatement], provider: Provider | None
) -> Owner:
    """Return who commits what the handler commits now, by ``transaction-owner`` or so that nothing changes.

    Raises `Refused` where the order of what the handler does would change.
    """
    view = target.view
    commits = commits_in(target, chains)
    frame = view.calls.declared(provider.function) if provider is not None else None
    is_kept = frame is not None and commits_itself(view, frame)
    if not commits:
        changes = next(changes_in(target, chains), None)
        if is_kept and changes is not None:
            raise Refused(f"{target.at(changes)}: it changes this and never commits, but the provider would")
        return Owner.NOBODY
    early = next(_more_to_do(target, chains, commits, service_part), None)
    given = target.provider.frame
    if early is None and given is not None and commits_itself(view, given):
        # one that commits behind the response is too late for what the handler committed before it
        if target.provider.scope == "function" or is_on_time(view, target.function) == "":
            return Owner.SESSION
    if is_kept and early is None:
        return Owner.PROVIDER
    can_wait = early is None and provider is None and is_on_time(view, target.function) is not None
    owners = view.config.transaction_owner
    for name, owner in (
        ("dependency", Owner.PROVIDER), ("service", Owner.SERVICE), ("repository", Owner.REPOSITORY),
        ("uow", Owner.UNIT), ("router", Owner.ROUTER),
    ):  # fmt: skip
        if name in owners:
            if owner is Owner.PROVIDER and not can_wait:
                continue
            if owner is Owner.ROUTER and early is not None:
                continue
            return owner
    if owners:
        raise Refused(
            f"{target.at(commits[0])}: nobody `transaction-owner` names ({', '.join(owners)}) can commit here"
            " without a change of what comes first"
        )
    return Owner.PROVIDER if can_wait else Owner.UNIT


def is_on_time(view: View, function: Function) -> str | None:
    """Return what ``Depends`` needs to run code behind ``yield`` before the response; None if it cannot.

    Empty for versions of FastAPI that do so anyway.
    """
    versions = fastapi_versions(view, function)
    if versions is None:
        return None
    if versions.all_are(lambda release: release >= (0, 121)):
        return ', scope="function"'
    if versions.all_are(lambda release: (0, 106) <= release < (0, 118)):
        return ""
    return None


def commits_itself(view: View, provider: Frame) -> bool:
    """Return whether a provider commits when the request is over."""
    database = view.measure(Database)
    return any(
        touch.operation.kind is OperationKind.COMMIT
        for frame in view.calls.reached(provider, runs_now)
        for touch in database.touches(frame)
    )


def changes_in(target: Target, chains: Chains) -> Iterator[cst.CSTNode]:
    """Yield what the handler itself changes: objects of tables, and what it adds or deletes."""
    code = target.code
    for chain in chains.inside(target.node.body):
        changes = {called(call) for call in calls_in(chain.node)} & _STATEMENTS
        if not chain.handed and (chain.first_method in _CHANGING or changes):
            yield chain.node
    for kind in (cst.AssignTarget, cst.AugAssign):
        for node in code.nodes(kind):
            changed = node.target  # type: ignore[attr-defined]  # both kinds have one
            inside = code.around(node, cst.FunctionDef) is target.node
            if inside and isinstance(changed, cst.Attribute) and isinstance(changed.value, cst.Name):
                values = target.parameters.get(changed.value.value)
                if values is None or any(True for _ in target.tables(values)):
                    yield node


def _more_to_do(
    target: Target, chains: Chains, commits: Sequence[cst.Call], part: Sequence[cst.BaseStatement]
) -> Iterator[cst.CSTNode]:
    """Yield what the handler does after a commit but answer, and what commits repeatedly.

    A way out between a change and the commit counts, too: what was changed is forgotten there.
    """
    code = target.code
    told = [one.node for one in translations(target) if not one.rolls_back]
    first = min((target.line(one) for one in changes_in(target, chains)), default=0)
    last = max(map(target.line, commits))
    for left in code.nodes(cst.Return):
        if code.around(left, cst.FunctionDef) is target.node and first < target.line(left) < last:
            yield left
    for commit in commits:
        loop = code.around(commit, cst.For) or code.around(commit, cst.While)
        around = code.around(commit, cst.Try)
        while around in told:
            around = code.around(around, cst.Try)
        if loop is not None or around is not None:
            yield loop or around or commit
        node: cst.CSTNode = commit
        while node is not target.node:
            block = code.parent(node)
            if isinstance(block, (cst.IndentedBlock, cst.SimpleStatementLine)):
                siblings = list(block.body)
                if node in siblings:
                    for later in siblings[siblings.index(node) + 1 :]:
                        if block is not target.node.body or later in part:
                            yield from _doings(target, later)
            node = block


def _doings(target: Target, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Raise):
        yield node
    if isinstance(node, cst.Call):
        func = node.func
        refreshes = isinstance(func, cst.Attribute) and func.attr.value == "refresh"
        site = target.site(node)
        makes = site is not None and bool(site.classes)
        if not refreshes and not makes:
            yield node
    for child in node.children:
        yield from _doings(target, child)
