"""Calls that leave the program: what they give, and which functions of the program they run."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models import configuration, containers, library, orm, strings
from layercheck.inference.models.table import MODELS
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    Made,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function

PROVIDERS = "dependency_injector.providers."

TASK_METHODS = frozenset(
    {"delay", "apply_async", "s", "si", "signature", "send", "send_with_options", "kiq", "kicker", "enqueue"}
)
"""Methods a task decorator gives a function; calling one runs the function some time later."""


class Externals(Base):
    """Calling things outside the program."""

    _full_names: dict[str, str]

    def invoke_external(self, act: Activation, name: str, receiver: Value | None, args: Arguments,
                        at: Span, site: CallSite) -> Values:  # fmt: skip
        """Return what calling the outside thing ``name`` may give."""
        name = self._full_name(name)
        site.externals = self.sharing.with_entry(site.externals, name, receiver)
        site.args = tuple(args.positional)
        site.keywords = tuple(sorted(args.keywords.items()))
        if name.startswith("types.FunctionType.") and isinstance(receiver, FunctionValue):
            return self._function_method(act, name, receiver, args, at)
        if name.startswith("builtins."):
            held = containers.call(self, act, name, receiver, args, at)
            if held is not None:
                return held
        model = MODELS.get(name)
        if model is not None:
            result = model(self, act, receiver, args, at, site)
            known = library.RESULTS.get(name)
            return self.instance(known) if known and not result else result
        setting = configuration.call(self, name, args)
        if setting is not None:
            return setting
        queried = orm.call(self, act, name, receiver, args, at)
        if queried is not None:
            return queried
        if name.startswith(PROVIDERS):
            return self._provider(act, name, receiver, args, at)
        if name.startswith("dishka.") and name.rpartition(".")[2] in ("provide", "provide_all"):
            return self._bind_interface(act, args, at)
        if name.rpartition(".")[2] in ("send_task", "enqueue_job"):
            self._call_by_name(act, args, at)
        if name in ("arq.func", "arq.worker.func"):
            for told in args.keywords.get("name", NOTHING):
                if isinstance(told, Const) and isinstance(told.value, str):
                    self.heap.write(("task", told.value), args.at(0))
            return args.at(0)
        known = library.RESULTS.get(name)
        if known:
            return self.instance(known)
        if library.keeps_arguments(name):
            made = self.made(name, args, at, act)
            if library.keeps_identity(name):
                self.construct_router(act, made, args, at)
            return self.one(made)
        registered = self.register(act, name, receiver, args, at)
        if registered is not None:
            return registered
        if (at, "decorator") not in act.frame.sites or act.frame.sites[at, "decorator"] is not site:
            if not library.looks_only(name):
                self._call_back(act, args, at)
        if receiver is None and library.is_class_name(name):
            return self.instance(name)
        if name.startswith("builtins.str."):
            text = strings.call(self, act, name, receiver, args)
            if text is not None:
                return text
            return self.instance("builtins.str") if name[13:] in library.STRING_METHODS else NOTHING
        if name.startswith("builtins."):
            return NOTHING
        return self.one(self.u.outcome(name, "()"))

    def _full_name(self, name: str) -> str:
        known = self._full_names.get(name)
        if known is None:
            head, dot, tail = name.rpartition(".")
            known = library.canonical(name)
            if known == name and dot:
                known = f"{library.canonical(head)}.{tail}"
            self._full_names[name] = known
        return known

    def _call_back(self, act: Activation, args: Arguments, at: Span) -> None:
        """Run the functions handed to outside code: it may call them at any time."""
        for values in args.all():
            functions = frozenset(v for v in values if isinstance(v, FunctionValue))
            if functions:
                self.call(act, functions, Arguments(), at, "callback")

    def _function_method(
        self, act: Activation, name: str, receiver: FunctionValue, args: Arguments, at: Span
    ) -> Values:
        """Call a method of a function object: a task decorator from outside put it there."""
        method = name.rpartition(".")[2]
        if method in ("__call__", "func", "original", "fn", "run"):
            return self.call(act, self.one(receiver), args, at)
        if method in TASK_METHODS:
            self.call(act, self.one(receiver), args, at, "deferred")
        elif method == "__get__":
            return self.one(receiver)
        return NOTHING

    # Containers of dependency-injection libraries -----------------------------------------------

    def _provider(
        self, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span
    ) -> Values:
        if name.endswith("()") and isinstance(receiver, Made):
            return self.product(act, receiver)
        if "()" in name:
            return NOTHING
        given = Arguments(
            [self._resolved(act, values) for values in args.positional[1:]],
            {key: self._resolved(act, values) for key, values in args.keywords.items()},
        )
        made = self.made(name, args, at, act)
        result = self.call(act, self._called(args.at(0)), given, at, "call")
        self.heap.write(("product", made), self.iterated_product(act, result, at))
        return self.one(made)

    def _called(self, values: Values) -> Values:
        return frozenset(v for v in values if isinstance(v, (FunctionValue, ClassValue)))

    def iterated_product(self, act: Activation, values: Values, at: Span) -> Values:
        """Return what a provider function hands over: what it awaits to, or what it yields."""
        result: set[Value] = set()
        for value in values:
            if isinstance(value, Instance) and value.cls == "builtins.coroutine":
                result |= value.args[0]
            elif isinstance(value, Instance) and value.cls == "builtins.generator":
                result |= value.args[0]
            elif (
                isinstance(value, Instance) and isinstance(value.cls, str) and value.cls in library.ITERATORS
            ):
                result |= value.args[0] if value.args else NOTHING
            else:
                result.add(value)
        return frozenset(result)

    def product(self, act: Activation, made: Made) -> Values:
        """Return the objects a provider of a container gives."""
        return self.heap.read(("product", made), act.reader)

    def _resolved(self, act: Activation, values: Values) -> Values:
        result: Values = NOTHING
        for value in values:
            if isinstance(value, Made) and value.name.startswith(PROVIDERS):
                result |= self.product(act, value)
            else:
                result |= self.one(value)
        return result

    def _call_by_name(self, act: Activation, args: Arguments, at: Span) -> None:
        """Run the task a queue is told by name: ``send_task("mails.welcome")``, if only one has it."""
        for name in args.at(0):
            if not isinstance(name, Const) or not isinstance(name.value, str):
                continue
            wanted = name.value
            registered = self.heap.read(("task", wanted), act.reader)
            if registered:
                self.call(act, registered, Arguments(args.positional[1:]), at, "deferred")
                continue
            found = [f for f in self.program.functions if f.qualname == wanted]
            if not found and "." not in wanted:
                found = [f for f in self.program.functions if f.name == wanted and f.parent is f.module]
            if not found:
                found = [f for f in self.program.functions if _task_name(f) == wanted]
            if len(found) == 1:
                values = self.one(self.u.function(found[0]))
                self.call(act, values, Arguments(args.positional[1:]), at, "deferred")

    def _bind_interface(self, act: Activation, args: Arguments, at: Span) -> Values:
        """Record ``provide(Implementation, provides=Port)`` and ``@provide`` on a method that makes one."""
        decorated = frozenset(v for v in args.at(0) if isinstance(v, FunctionValue))
        if decorated:
            return self._bind_result(act, decorated, at)
        wanted = args.keywords.get("provides", NOTHING)
        source = args.positional[0] if args.positional else args.keywords.get("source", NOTHING)
        made = [v.cls for v in source if isinstance(v, ClassValue)]
        for value in self.type_meaning(act, wanted)[0]:
            if isinstance(value, Instance) and isinstance(value.cls, Class):
                self.hierarchy.bindings.setdefault(value.cls, {}).update(dict.fromkeys(made))
        for cls in made:
            self.call(act, self.one(self.u.class_value(cls)), Arguments(), Span(0), "call")
        return NOTHING

    def _bind_result(self, act: Activation, functions: Values, at: Span) -> Values:
        """Record the classes a provider method makes for the interface it declares."""
        for value in functions:
            if not isinstance(value, FunctionValue):
                continue
            frame = self.declared_frame(value.function, value.outer)
            self.publish(act)
            self.ensure(frame)
            declared = self.declared_result(value.function, value.outer, act.reader)
            made = self.heap.read(("return", frame), act.reader) | self.heap.read(
                ("yield", frame), act.reader
            )
            classes = [v.cls for v in made if isinstance(v, Instance) and isinstance(v.cls, Class)]
            for port in declared:
                if isinstance(port, Instance) and isinstance(port.cls, Class):
                    others = [cls for cls in classes if cls is not port.cls]
                    if others:
                        self.hierarchy.bindings.setdefault(port.cls, {}).update(dict.fromkeys(others))
        return functions


def _task_name(function: Function) -> str:
    """Return the ``name=`` a task decorator gives a function, empty without one."""
    if isinstance(function.node, r.Lambda):
        return ""
    for decorator in function.node.decorators:
        if isinstance(decorator, r.Call):
            for keyword in decorator.keywords:
                if keyword.name == "name" and isinstance(keyword.value, r.Constant):
                    return str(keyword.value.value)
    return ""
