"""What is put together in a function, in a form that tells whether two functions make the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Context
from layercheck.fixes.meanings import meaning
from layercheck.inference.signatures import MARKERS
from layercheck.program.build import statements, target_names
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Dependency
from layercheck.rules.measures.syntax import path_of

Form = tuple[object, ...]

_OF_THE_REQUEST = frozenset({"fastapi.Request", "fastapi.Response", "fastapi.BackgroundTasks"})
_HOOKS = frozenset({"__new__", "__post_init__"})


def injected(context: Context, function: Function) -> dict[str, Dependency]:
    """Return the parameters of ``function`` the framework fills from a provider."""
    project = context.view.project
    found = {one.param: one for one in project.dependencies.get(function, ()) if one.param}
    own = {param.name for param in function.params}
    for route in project.handlers.get(function, ()):
        found.update({one.param: one for one in route.dependencies if one.param in own})
    return found


class Maker:
    """Tells what objects a function makes are made of; a form is the same where the objects are.

    Only what a provider could have as well has a form: what is injected, what is global, constants, and
    objects of classes that do nothing but keep what they are given.
    """

    def __init__(self, context: Context, function: Function) -> None:
        self._context = context
        self.function = function
        self.injected = injected(context, function)
        self.made: dict[str, list[tuple[r.Stmt, r.Expr | None]]] = {}
        for statement in statements(function.body):
            for target, value in _bound(statement):
                for name in target_names(target):
                    self.made.setdefault(name, []).append((statement, value))

    def form(self, expression: r.Expr) -> Form:
        """Return the form of an expression; raises `Refused` where it has none."""
        match expression:
            case r.Name(id=name):
                return self._of_name(name)
            case r.Constant(value=value, kind=kind):
                return "constant", kind, value
            case r.Attribute(value=value, name=name):
                return "attribute", self.form(value), name
            case r.Call():
                return self._of_call(expression)
        raise Refused("it is made of more than what is injected")

    def local(self, name: str) -> tuple[r.Stmt, r.Expr] | None:
        """Return the one statement that gives a local name its value, None for other names."""
        found = self.made.get(name, [])
        if len(found) == 1 and found[0][1] is not None and self._param(name) is None:
            return found[0][0], found[0][1]
        return None

    def parts(self, expression: r.Expr) -> Iterator[str]:
        """Yield the parameters an expression is made of, through local names."""
        match expression:
            case r.Name(id=name):
                known = self.local(name)
                if self._param(name) is not None:
                    yield name
                elif known is not None:
                    yield from self.parts(known[1])
            case r.Attribute(value=value):
                yield from self.parts(value)
            case r.Call(args=args, keywords=keywords):
                for one in (*args, *(keyword.value for keyword in keywords)):
                    yield from self.parts(one)

    def _param(self, name: str) -> r.Parameter | None:
        return next((one for one in self.function.params if one.name == name), None)

    def _of_name(self, name: str) -> Form:
        param = self._param(name)
        if param is not None:
            if name in self.made:
                raise Refused(f"{name} is given another value before")
            return self._of_parameter(param)
        if name in self.function.bound:
            known = self.local(name)
            if known is None or not isinstance(known[1], r.Call):
                raise Refused(f"{name} is worked out before")
            return self.form(known[1])
        found = meaning(self._context, self.function.module, r.Name(name, self.function.at))
        return "global", found if isinstance(found, str) else found.qualname

    def _of_parameter(self, param: r.Parameter) -> Form:
        dependency = self.injected.get(param.name)
        if dependency is not None:
            provider = dependency.provider
            name = dependency.name if provider is None else provider.qualname
            if name in MARKERS or name == "?":
                raise Refused(f"it is not known what provides {param.name}")
            return "injected", name, dependency.scope
        if param.annotation is not None and param.default is None:
            kind = meaning(self._context, self.function.module, param.annotation)
            if isinstance(kind, str) and kind in _OF_THE_REQUEST:
                return "framework", kind
        raise Refused(f"{param.name} is data of the request")

    def _of_call(self, call: r.Call) -> Form:
        cls = meaning(self._context, self.function.module, call.func)
        if not isinstance(cls, Class):
            raise Refused("it is made of what a call gives")
        names = _constructor(self._context, cls)
        given: list[tuple[str, Form]] = []
        for index, value in enumerate(call.args):
            if isinstance(value, r.Star) or index >= len(names):
                raise Refused("its arguments cannot be told apart")
            given.append((names[index], self.form(value)))
        for keyword in call.keywords:
            if keyword.name is None:
                raise Refused("its arguments cannot be told apart")
            given.append((keyword.name, self.form(keyword.value)))
        return "made", cls.qualname, tuple(sorted(given))


def returned(function: Function) -> r.Call | None:
    """Return the call a function does nothing but return, None where it does more."""
    body = [one for one in function.body if not isinstance(one, r.Evaluate) or not _is_text(one.value)]
    if len(body) == 1 and isinstance(body[0], r.Return) and isinstance(body[0].value, r.Call):
        return body[0].value
    return None


def _is_text(expression: r.Expr) -> bool:
    return isinstance(expression, r.Constant) and expression.kind == "str"


def _bound(statement: r.Stmt) -> Iterator[tuple[r.Target, r.Expr | None]]:
    """Yield what a statement binds, with the value where that is plainly assigned."""
    match statement:
        case r.Assign(targets=targets, value=value):
            for target in targets:
                yield target, value if isinstance(target, r.Name) and len(targets) == 1 else None
        case r.Annotated(target=target, value=value) if value is not None:
            yield target, value
        case r.Augmented(target=target) | r.For(target=target):
            yield target, None
        case r.With(items=items):
            yield from ((item.target, None) for item in items if item.target is not None)


def _constructor(context: Context, cls: Class) -> tuple[str, ...]:
    """Return the names of the parameters of a class that does nothing but keep what it is given."""
    hierarchy = context.view.project.inference.hierarchy
    classes = hierarchy.own(cls)
    own = next((one.methods["__init__"] for one in classes if "__init__" in one.methods), None)
    is_plain = not hierarchy.outside(cls) and not any(_HOOKS & one.methods.keys() for one in classes)
    if is_plain and own is None and cls.node.decorators:
        is_plain = len(classes) == 1 and all(map(_is_dataclass, cls.node.decorators))
    if not is_plain or (own is not None and not all(_keeps(context, cls.module, one) for one in own.body)):
        raise Refused(f"making a {cls.name} may do more than to keep what it is given")
    if own is None:
        return tuple(cls.annotations) if cls.node.decorators else ()
    return tuple(one.name for one in own.params[1:] if one.kind in ("plain", "positional", "keyword"))


def _is_dataclass(decorator: r.Expr) -> bool:
    called = decorator.func if isinstance(decorator, r.Call) else decorator
    return path_of(called).rpartition(".")[2] == "dataclass"


def _keeps(context: Context, module: Module, statement: r.Stmt) -> bool:
    """Return whether a statement of a constructor only keeps things, or makes others that do."""
    match statement:
        case r.Evaluate(value=r.Constant()) | r.Jump():
            return True
        case r.Assign(targets=(r.Attribute(value=r.Name()),), value=value):
            return _is_kept(context, module, value)
        case r.Annotated(target=r.Attribute(value=r.Name()), value=value):
            return value is None or _is_kept(context, module, value)
    return False


def _is_kept(context: Context, module: Module, value: r.Expr) -> bool:
    match value:
        case r.Name() | r.Constant():
            return True
        case r.Attribute(value=inner):
            return _is_kept(context, module, inner)
        case r.Sequence(items=items):
            return all(_is_kept(context, module, one) for one in items)
        case r.Mapping(keys=(), values=()):
            return True
        case r.Call(func=func, args=args, keywords=keywords):
            cls = meaning(context, module, func)
            if not isinstance(cls, Class):
                return False
            _constructor(context, cls)
            given = (*args, *(keyword.value for keyword in keywords))
            return all(_is_kept(context, module, one) for one in given)
    return False
