"""What statements do, written so that two pieces of code that do the same are written the same.

Local names are replaced by the entity they hold a row of, global names by what they mean, calls of the
database by the method and the entities. What belongs to the surface of an entry point is left
out: awaiting, logging, the values of refusals, the schemas that are built.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.graphs.calls import Edge
from layercheck.facts.nodes import children
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import (
    ClassValue,
    Const,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Values,
)
from layercheck.location import Span
from layercheck.program.build import bodies
from layercheck.program.entities import Class, Function
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.guards import question
from layercheck.rules.measures.handlers import unwrapped
from layercheck.rules.measures.rows import Origins, reads
from layercheck.rules.measures.size import Size
from layercheck.rules.measures.syntax import plain
from layercheck.rules.view import View

_ENDING = frozenset({
    OperationKind.COMMIT, OperationKind.FLUSH, OperationKind.ROLLBACK, OperationKind.BEGIN,
})  # fmt: skip
_PLAIN_FIELDS = ("op", "ops", "kind", "value", "name")
_TOLD = {
    kind: [field for field in _PLAIN_FIELDS if field in kind.__struct_fields__]
    for kind in r.Node.__subclasses__()
}

_JUDGED = frozenset({r.Assign, r.Augmented, r.If})

Word = tuple[str, str]
"""What kind of word it is, and the word."""

_STOP: Word = ("word", "stop")
_END: Word = ("word", "end")


class Written:
    """One statement: where it stands, and what it weighs.

    ``size`` counts the statements in it, ``substance`` those that do more than end a transaction.
    """

    def __init__(self, writer: Writer, statement: r.Stmt, size: int, substance: int) -> None:
        self._writer = writer
        self._statement = statement
        self.size = size
        self.substance = substance

    @property
    def at(self) -> Span:
        """The span of the statement."""
        return self._statement.at

    @cached_property
    def words(self) -> list[Word]:
        """What it says."""
        words: list[Word] = []
        self._writer.tell(self._statement, words)
        return words

    @cached_property
    def decides(self) -> bool:
        """Whether it writes rows, changes an entity, or asks how a row is."""
        return self._writer.decides(self._statement)


class Writer:
    """Writes down what one frame runs."""

    def __init__(self, view: View, database: Database, size: Size, frame: Frame) -> None:
        assert isinstance(frame.entity, Function)
        self._view = view
        self._database = database
        self._size = size
        self._frame = frame
        self._function = frame.entity
        self._touches: dict[Span, Touch] = {touch.at: touch for touch in database.touches(frame)}
        self._flattened: dict[int, list[r.Stmt]] = {}

    def blocks(self) -> Iterator[list[Written]]:
        """Yield the blocks of the function, outer ones first, each a list of statements."""
        pending = [self._function.body]
        while pending:
            body = pending.pop(0)
            written: list[Written] = []
            for statement in self._flat(body):
                one = self._statement(statement)
                if one is not None:
                    written.append(one)
                pending.extend(bodies(statement))
            if written:
                yield written

    @cached_property
    def _origins(self) -> Origins:
        return Origins(
            self._frame, {}, lambda frame, call: reads(self._view, self._database, frame, call)
        )

    @cached_property
    def _rows(self) -> dict[str, str]:
        """The local names that hold rows, with the entities they are rows of."""
        parameters = self._database.parameters(self._frame)
        found = {name: self._entities(values) for name, values in parameters.items()}
        for statement in self._function.nodes_of(r.Assign):
            value = plain(statement.value)
            site = self._frame.sites.get((value.at, "call")) if isinstance(value, r.Call) else None
            for target in statement.targets:
                if site is not None and isinstance(target, r.Name):
                    found[target.id] = self._entities(site.result)
        return found

    def _entities(self, *groups: Values) -> str:
        found = {cls.qualname for values in groups for cls in self._database.entities(values)}
        return ", ".join(sorted(found))

    def _flat(self, body: tuple[r.Stmt, ...]) -> list[r.Stmt]:
        """Return the statements of a block that count, those of a transaction block in its place."""
        found = self._flattened.get(id(body))
        if found is None:
            found = self._flattened[id(body)] = []
            for statement in body:
                if isinstance(statement, r.With) and self._size.is_transaction(self._frame, statement):
                    found += self._flat(statement.body)
                elif not self._size.is_silent(self._frame, statement) and not self._refreshes(statement):
                    found.append(statement)
        return found

    def _refreshes(self, statement: r.Stmt) -> bool:
        touch = self._touch(statement)
        return touch is not None and touch.operation.refreshes

    def _touch(self, statement: r.Stmt) -> Touch | None:
        """Return the operation that is all ``statement`` does."""
        value = statement.value if isinstance(statement, r.Evaluate) else None
        call = value.value if isinstance(value, r.Await) else value
        return self._touches.get(call.at) if isinstance(call, r.Call) else None

    def _statement(self, statement: r.Stmt) -> Written | None:
        """Return ``statement`` as it is written here, None where it only ends or answers."""
        if isinstance(statement, (r.Function, r.Class, r.Import, r.ImportFrom, r.Scope)):
            return None
        if isinstance(statement, r.Return) and not self._runs(statement):
            return None
        touch = self._touch(statement)
        ends = touch is not None and touch.operation.kind in _ENDING
        inner = [one for body in bodies(statement) for one in self._flat(body)]
        size = 1 + sum(self._count(one) for one in inner)
        return Written(self, statement, size, 0 if ends else size)

    def _count(self, statement: r.Stmt) -> int:
        return 1 + sum(self._count(one) for body in bodies(statement) for one in self._flat(body))

    def _runs(self, node: r.Node) -> bool:
        """Return whether something in ``node`` reaches the database."""
        return any(
            isinstance(one, r.Call) and reads(self._view, self._database, self._frame, one)
            for one in inside(node)
        )

    def decides(self, statement: r.Stmt) -> bool:
        """Return whether ``statement`` writes rows, changes an entity, or asks how a row is."""
        nodes = inside(statement)
        if self._writing and any([node.__class__ is r.Call and node.at in self._writing for node in nodes]):
            return True
        return any([node.__class__ in _JUDGED and self._is_about_row(node) for node in nodes])

    def _is_about_row(self, node: r.Node) -> bool:
        match node:
            case r.Assign(targets=targets):
                return any(map(self._is_of_row, targets))
            case r.Augmented(target=target):
                return self._is_of_row(target)
            case r.If(test=test):
                return question(test, self._origins) in ("state", "present")
        return False

    @cached_property
    def _writing(self) -> frozenset[Span]:
        """The calls that write rows, themselves or in a repository."""
        found = [at for at, touch in self._touches.items() if touch.operation.kind is OperationKind.WRITE]
        for (at, kind), site in self._frame.sites.items():
            if kind == "call" and at not in self._touches and self._hands_over_writing(site):
                found.append(at)
        return frozenset(found)

    def _hands_over_writing(self, site: CallSite) -> bool:
        return any(
            self._database.is_data_access(one) and OperationKind.WRITE in self._database.effect(one.target)
            for target, kind in site.edges
            for one in unwrapped(self._view.calls, Edge(self._frame, target, kind, site))
        )

    def _is_of_row(self, target: r.Target) -> bool:
        if isinstance(target, r.Sequence):
            return any(map(self._is_of_row, target.items))
        return isinstance(target, r.Attribute) and bool(self._origins.of(target.value))

    # Words --------------------------------------------------------------------------------------

    def tell(self, node: r.Node, words: list[Word]) -> None:
        """Add the words of ``node``."""
        match node:
            case r.Name(id=name):
                words.append(self._name(name))
            case r.Constant(value=value, kind=kind):
                words.append(("word", f"{kind} {value!r}"))
            case r.Call():
                self._call(node, words)
            case r.Await(value=value):
                self.tell(value, words)
            case r.Raise():
                words.append(_STOP)
            case r.Return(value=value):
                words.append(_STOP)
                if value is not None and self._runs(node):
                    self.tell(value, words)
            case r.Annotated(target=target, value=value) if value is not None:
                words.append(("word", "Assign"))
                self.tell(target, words)
                self.tell(value, words)
            case _:
                words.append(("word", type(node).__name__))
                for field in _TOLD[node.__class__]:
                    told = getattr(node, field)
                    if isinstance(told, str) or (isinstance(told, tuple) and field == "ops"):
                        words.append(("word", str(told)))
                for child in children(node):
                    if not isinstance(child, r.Evaluate) or not self._size.is_silent(self._frame, child):
                        self.tell(child, words)
                words.append(_END)

    def _call(self, node: r.Call, words: list[Word]) -> None:
        site = self._frame.sites.get((node.at, "call"))
        touch = self._touches.get(node.at)
        if site is not None and self._builds_schema(node, site):
            words.append(("word", "schema"))
            return
        if touch is not None:
            entities = self._entities(*touch.site.args, touch.site.result)
            words.append(("word", f"{touch.operation.target.rpartition('.')[2]} of {entities}"))
        elif site is not None and (site.edges or site.classes):
            reached = {frame.entity.qualname for frame, _ in site.edges}
            words.append(("word", f"call {sorted(reached | {cls.qualname for cls in site.classes})}"))
        else:
            self.tell(node.func, words)
        for argument in node.args:
            self.tell(argument, words)
        for keyword in node.keywords:
            words.append(("word", f"{keyword.name}="))
            self.tell(keyword.value, words)
        words.append(_END)

    def _builds_schema(self, node: r.Call, site: CallSite) -> bool:
        layer = self._view.project.layer
        if site.classes:
            return all(layer(cls).layer == "schema" for cls in site.classes)
        if isinstance(node.func, r.Attribute) and isinstance(node.func.value, r.Name):
            values = self._global(node.func.value.id)
            return bool(values) and all(
                isinstance(value, ClassValue) and layer(value.cls).layer == "schema" for value in values
            )
        return False

    def _name(self, name: str) -> tuple[str, str]:
        if name in self._function.bound:
            return f"local {self._rows.get(name, '')}", name
        return "word", ", ".join(sorted(map(_meaning, self._global(name)))) or name

    def _global(self, name: str) -> Values:
        if name in self._function.bound:
            return frozenset()
        return self._view.project.inference.heap.read(("name", self._function.module, name), None)


def _meaning(value: object) -> str:
    match value:
        case ClassValue(cls=Class(qualname=name)) | FunctionValue(function=Function(qualname=name)):
            return name
        case ModuleValue(name=name) | External(name=name) | Instance(class_name=name):
            return name
        case Const(value=known):
            return repr(known)
    return type(value).__name__
