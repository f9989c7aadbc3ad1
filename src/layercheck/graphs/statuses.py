"""Which status code a response or an exception carries, as far as the code writes it down."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.graphs.error_scopes import Scope, Thrown, display_of
from layercheck.graphs.exception_types import (
    HTTP_EXCEPTIONS,
    ExceptionType,
    ExceptionTypes,
    outside_name,
    types_of,
)
from layercheck.graphs.named_values import named_values
from layercheck.graphs.numbers import Given, number_of
from layercheck.inference.engine import Inference
from layercheck.inference.frames import CallSite, Frame, RaiseSite
from layercheck.inference.values import NOTHING, Values
from layercheck.program.build import bodies, statements
from layercheck.program.entities import Class, Function

DEEPEST = 5
"""How many functions that only hand on what another one makes are looked through."""

_OK = 200
_STATUS_OF_RESPONSE = {"RedirectResponse": 307}
_ANSWERS = {"request_validation_exception_handler": 422}


class StatusCodes:
    """Reads status codes off constructors, class attributes, tables and returned responses."""

    def __init__(self, inference: Inference, types: ExceptionTypes) -> None:
        self._inference = inference
        self._heap = inference.heap
        self._program = inference.program
        self._types = types
        self._frames: dict[Function, Frame] = {}
        for frame in inference.frames:
            if frame.runs and isinstance(frame.entity, Function):
                self._frames.setdefault(frame.entity, frame)

    def thrown(self, raised: ExceptionType, frame: Frame, site: RaiseSite) -> Thrown:
        """Return what is known of the object of class ``raised`` that ``site`` of ``frame`` raises."""
        for statement in statements(_body(frame)):
            if isinstance(statement, r.Raise) and statement.at == site.at and statement.exc is not None:
                scope = Scope(frame.module, frame)
                found = [
                    given for kind, given in self._constructions(statement.exc, scope) if kind == raised
                ]
                if found and all(one == found[0] for one in found):
                    return Thrown(raised, found[0])
        return Thrown(raised)

    def carried(self, thrown: Thrown) -> int | None:
        """Return the status code an HTTPException carries."""
        return self._member(thrown, "status_code")

    def answered(self, handler: Function, thrown: Thrown) -> int | None:
        """Return the status code of the response ``handler`` makes of an exception."""
        frame = self._frames.get(handler)
        if frame is None:
            return None
        params = handler.params[1:] if len(handler.params) > 2 else handler.params
        error = params[-1].name if len(params) == 2 else None
        scope = Scope(handler.module, frame, {}, error, thrown)
        return _same([self._response(one, scope) for one in self._results(handler.body, scope)])

    # Objects ------------------------------------------------------------------------------------

    def _response(self, node: r.Expr, scope: Scope) -> int | None:
        if isinstance(node, r.Await):
            return self._response(node.value, scope)
        if isinstance(node, r.Conditional):
            return _same([self._response(node.body, scope), self._response(node.orelse, scope)])
        if isinstance(node, r.Name):
            value = scope.assigned(node.id)
            return self._response(value, scope) if value is not None else None
        site = scope.site(node)
        if site is None or not isinstance(node, r.Call):
            return None
        found: list[int | None] = []
        for name in site.externals:
            last = name.removesuffix(".__init__").rpartition(".")[2]
            if last == "http_exception_handler" and scope.thrown is not None:
                found.append(self._member(scope.thrown, "status_code"))
            elif last in _ANSWERS:
                found.append(_ANSWERS[last])
            elif last.endswith("Response"):
                found.append(_of_outside(last, self._given(node, scope, site)))
            elif not site.classes:
                found.append(None)
        found.extend(self._of_class(cls, self._given(node, scope, None)) for cls in site.classes)
        for inner in self._called(node, site, scope):
            assert inner.frame is not None
            body = _body(inner.frame)
            found.append(_same([self._response(one, inner) for one in self._results(body, inner)]))
        return _same(found)

    def _of_class(self, cls: Class, given: Given) -> int | None:
        """Return the status code of an object of a response class of the program."""
        for item in self._types.order(cls):
            if isinstance(item, str):
                if item.endswith("Response"):
                    return _of_outside(item.rpartition(".")[2], given)
            elif (constructor := item.methods.get("__init__")) is not None:
                given = self._handed_up(constructor, given, Thrown(cls, given)) or Given()
        return None

    def _constructions(self, node: r.Expr, scope: Scope) -> Iterator[tuple[ExceptionType, Given]]:
        """Yield the classes of the objects ``node`` may be, with what each is made with."""
        if isinstance(node, r.Await):
            yield from self._constructions(node.value, scope)
        elif isinstance(node, r.Conditional):
            yield from self._constructions(node.body, scope)
            yield from self._constructions(node.orelse, scope)
        elif isinstance(node, r.Call) and (site := scope.site(node)) is not None:
            for name in site.externals:
                yield outside_name(name.removesuffix(".__init__")), self._given(node, scope, site)
            for cls in site.classes:
                yield cls, self._given(node, scope, None)
            for inner in self._called(node, site, scope):
                assert inner.frame is not None
                for result in self._results(_body(inner.frame), inner):
                    yield from self._constructions(result, inner)
        elif isinstance(node, (r.Name, r.Attribute)):
            value = scope.assigned(node.id) if isinstance(node, r.Name) else None
            if value is not None:
                yield from self._constructions(value, scope)
            else:
                yield from ((kind, Given()) for kind in types_of(self._values(node, scope)))

    def _called(self, node: r.Call, site: CallSite, scope: Scope) -> Iterator[Scope]:
        """Yield the scopes of the plain functions a call runs."""
        if scope.depth >= DEEPEST:
            return
        given = self._given(node, scope, None)
        for target, kind in site.edges:
            function = target.entity
            if kind != "call" or not isinstance(function, Function) or function.name == "__init__":
                continue
            skipped = 1 if target.receiver is not None else 0
            params = [one.name for one in function.params if one.kind in ("plain", "positional")][skipped:]
            arguments = [
                *zip(params, node.args, strict=False),
                *((one.name, one.value) for one in node.keywords if one.name is not None),
            ]
            handed = ((name, self._handed(value, scope)) for name, value in arguments)
            error, thrown = next((one for one in handed if one[1] is not None), (None, scope.thrown))
            numbers = self._bound(function, given, skipped)
            yield Scope(function.module, target, numbers, error, thrown, None, scope.depth + 1)

    def _handed(self, value: r.Expr, scope: Scope) -> Thrown | None:
        """Return the exception an argument is: the one there is, or one made on the spot."""
        if isinstance(value, r.Name) and value.id == scope.error:
            return scope.thrown
        if not isinstance(value, r.Call):
            return None
        found = [Thrown(*one) for one in self._constructions(value, scope)]
        kind = found[0].kind if len(found) == 1 else ""
        is_own = isinstance(kind, Class) and self._types.is_exception(kind)
        return found[0] if is_own or self._types.is_http(kind) else None

    def _results(self, body: tuple[r.Stmt, ...], scope: Scope) -> Iterator[r.Expr]:
        """Yield what a function body may return; tests for the class of the exception are decided."""
        for statement in body:
            match statement:
                case r.Return(value=value):
                    if value is not None:
                        yield value
                    return
                case r.Raise():
                    return
                case r.If(test=test, body=then, orelse=orelse):
                    verdict = self._verdict(test, scope)
                    if verdict is not False:
                        yield from self._results(then, scope)
                    if verdict is not True:
                        yield from self._results(orelse, scope)
                    elif isinstance(then[-1], (r.Return, r.Raise)):
                        return
                case r.Function() | r.Class():
                    continue
                case _:
                    for block in bodies(statement):
                        yield from self._results(block, scope)

    def _verdict(self, test: r.Expr, scope: Scope) -> bool | None:
        """Return whether ``isinstance(error, classes)`` holds, None for any other test."""
        match test:
            case r.Unary(op="not", operand=operand):
                inner = self._verdict(operand, scope)
                return None if inner is None else not inner
            case r.Call(func=r.Name(id="isinstance"), args=(r.Name(id=name), classes)):
                if name != scope.error or scope.thrown is None:
                    return None
                kinds = classes.items if isinstance(classes, r.Sequence) else (classes,)
                known = [kind for one in kinds for kind in types_of(self._values(one, scope))]
                if len(known) < len(kinds):
                    return None
                return any(self._types.is_a(scope.thrown.kind, kind) for kind in known)
        return None

    # Members of exceptions ----------------------------------------------------------------------

    def _member(self, thrown: Thrown, name: str) -> int | None:
        """Return the number an attribute of an exception holds: set by a constructor, or by a class."""
        given = thrown.given
        for item in self._types.order(thrown.kind):
            if isinstance(item, str):
                if item in HTTP_EXCEPTIONS and name == "status_code" and given.has(0, name):
                    found = given.number(0, name)
                    if found is not None or not given.is_open:
                        return found
                continue
            constructor = item.methods.get("__init__")
            if constructor is None:
                continue
            scope = self._constructor_scope(constructor, given, thrown)
            for statement in statements(constructor.body):
                match statement:
                    case (
                        r.Assign(targets=(r.Attribute(value=r.Name(id=owner), name=target),), value=value)
                        | r.Annotated(target=r.Attribute(value=r.Name(id=owner), name=target), value=value)
                    ) if owner == scope.self_name and target == name and value is not None:
                        return self._number(value, scope)
            given = self._handed_up(constructor, given, thrown) or Given()
        return self._class_member(thrown.kind, name)

    def _class_member(self, kind: ExceptionType, name: str) -> int | None:
        for item in self._types.order(kind):
            if isinstance(item, Class) and name in item.bound:
                return number_of(self._heap.read(("class", item, name), None))
        return None

    def _constructor_scope(self, constructor: Function, given: Given, thrown: Thrown) -> Scope:
        own = constructor.params[0].name if constructor.params else None
        frame = self._frames.get(constructor)
        return Scope(
            constructor.module, frame, self._bound(constructor, given, 1), None, thrown, own
        )

    def _handed_up(self, constructor: Function, given: Given, thrown: Thrown) -> Given | None:
        """Return what a constructor hands to the one of its base class, None where it calls none."""
        scope = self._constructor_scope(constructor, given, thrown)
        for statement in statements(constructor.body):
            match statement:
                case r.Evaluate(value=r.Call(func=r.Attribute(value=base, name="__init__")) as call):
                    found = self._given(call, scope, None)
                    if isinstance(base, r.Call):
                        return found
                    return Given(found.positional[1:], found.keywords, found.is_open)
        return None

    def _bound(self, function: Function, given: Given, skipped: int) -> dict[str, int | None]:
        """Return the numbers the parameters of ``function`` hold; ``skipped`` of them are bound."""
        result: dict[str, int | None] = {}
        module = Scope(function.module)
        for index, param in enumerate(function.params[skipped:]):
            at = index if param.kind in ("plain", "positional") else len(given.positional)
            if given.has(at, param.name):
                result[param.name] = given.number(at, param.name)
            if not given.has(at, param.name) or (given.is_open and result[param.name] is None):
                result[param.name] = self._number(param.default, module) if param.default else None
        return result

    # Numbers ------------------------------------------------------------------------------------

    def _given(self, call: r.Call, scope: Scope, site: CallSite | None) -> Given:
        """Return the numbers ``call`` hands over; ``site`` knows more of calls of outside things."""
        is_open = any(isinstance(one, r.Star) for one in call.args) or any(
            one.name is None for one in call.keywords
        )
        positional: list[int | None] = []
        for index, arg in enumerate(call.args):
            if isinstance(arg, r.Star):
                break
            found = self._number(arg, scope)
            if found is None and site is not None and index < len(site.args):
                found = number_of(site.args[index])
            positional.append(found)
        keywords: dict[str, int | None] = {}
        known = dict(site.keywords) if site is not None else {}
        for one in call.keywords:
            if one.name is not None:
                found = self._number(one.value, scope)
                keywords[one.name] = found if found is not None else number_of(known.get(one.name, NOTHING))
        return Given(tuple(positional), keywords, is_open)

    def _number(self, node: r.Expr, scope: Scope) -> int | None:
        match node:
            case r.Constant(value=int() as number, kind="int"):
                return number
            case r.Name(id=name) if name in scope.numbers:
                return scope.numbers[name]
            case r.Name(id=name) if (value := scope.assigned(name)) is not None:
                return self._number(value, scope)
            case r.Attribute(value=value, name="value"):
                return self._number(value, scope)
            case r.Attribute(value=value, name=name) if scope.thrown and scope.is_error(value):
                return self._member(scope.thrown, name)
            case r.Attribute(value=r.Name(id=owner), name=name) if scope.thrown and owner == scope.self_name:
                return self._class_member(scope.thrown.kind, name)
            case r.Call(func=r.Name(id="getattr"), args=(value, r.Constant(value=str() as name), *rest)):
                if scope.thrown is None or not scope.is_error(value):
                    return None
                found = self._member(scope.thrown, name)
                return found if found is not None or not rest else self._number(rest[0], scope)
            case r.Call(func=r.Name(id="int"), args=(value,)):
                return self._number(value, scope)
            case r.Call(func=r.Attribute(value=table, name="get"), args=(key, *rest)):
                return self._entry(table, key, rest[0] if rest else None, scope)
            case r.Subscript(value=table, index=key):
                return self._entry(table, key, None, scope)
            case r.Conditional(test=test, body=body, orelse=orelse):
                verdict = self._verdict(test, scope)
                wanted = [body] if verdict is not False else []
                wanted += [orelse] if verdict is not True else []
                return _same([self._number(one, scope) for one in wanted])
            case r.BoolOp(op="or", values=(first, *_)):
                return self._number(first, scope) or None
        return number_of(self._values(node, scope))

    def _entry(self, table: r.Expr, key: r.Expr, default: r.Expr | None, scope: Scope) -> int | None:
        """Return what a table keyed by exception classes holds for the class of the exception."""
        is_kind = isinstance(key, r.Call) and isinstance(key.func, r.Name) and key.func.id == "type"
        is_kind = is_kind or (isinstance(key, r.Attribute) and key.name == "__class__")
        if scope.thrown is None or not is_kind or not scope.is_error(key):
            return None
        module, display = display_of(self._program, table, scope.module, DEEPEST)
        if display is None:
            return None
        there = Scope(module)
        for one, value in zip(display.keys, display.values, strict=True):
            if one is None:
                return None
            if scope.thrown.kind in types_of(self._values(one, there)):
                return self._number(value, there)
        return self._number(default, scope) if default is not None else None

    def _values(self, node: r.Expr, scope: Scope) -> Values:
        """Return the values of a dotted name."""
        return named_values(self._inference, node, scope.module, scope.frame)


def _of_outside(name: str, given: Given) -> int | None:
    if given.has(1, "status_code"):
        return given.number(1, "status_code")
    return _STATUS_OF_RESPONSE.get(name, _OK)


def _same(found: list[int | None]) -> int | None:
    return found[0] if found and all(one == found[0] for one in found) else None


def _body(frame: Frame) -> tuple[r.Stmt, ...]:
    return frame.entity.body if isinstance(frame.entity, Function) else frame.module.facts.body
