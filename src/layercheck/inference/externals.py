"""Calls that leave the program: what they give, and which functions of the program they run."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models import configuration, containers, library, orm, strings
from layercheck.inference.models.table import MODELS
from layercheck.inference.outside import PROVIDERS, QUEUEING, Outside
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    Made,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function

TASK_METHODS = frozenset(
    {"delay", "apply_async", "s", "si", "signature", "send", "send_with_options", "kiq", "kicker", "enqueue"}
)
"""Methods a task decorator gives a function; calling one runs the function some time later."""


class Externals(Base):
    """Calling things outside the program."""

    _outside: dict[str, Outside]
    _functions: dict[Values, Values]

    def invoke_external(self, act: Activation, name: str, receiver: Value | None, args: Arguments,
                        at: Span, site: CallSite) -> Values:  # fmt: skip
        """Return what calling the outside thing ``name`` may give."""
        known = self._outside.get(name)
        if known is None:
            known = self._outside[name] = Outside(name)
        name = known.name
        site.externals = self.sharing.with_entry(site.externals, name, receiver)
        self.keep_arguments(site, args)
        if known.is_plain:
            return self._call_plain(act, known, receiver, args, at, site)
        if name.startswith("types.FunctionType.") and isinstance(receiver, FunctionValue):
            return self._function_method(act, name, receiver, args, at)
        if name.startswith("builtins."):
            held = containers.call(self, act, name, receiver, args, at)
            if held is not None:
                return held
        model = MODELS.get(name)
        if model is not None:
            result = model(self, act, receiver, args, at, site)
            return self.instance(known.result) if known.result and not result else result
        setting = configuration.call(self, act, name, args, at)
        if setting is not None:
            return setting
        queried = orm.call(self, act, name, receiver, args, at)
        if queried is not None:
            return queried
        if name.startswith(PROVIDERS):
            return self._provider(act, name, receiver, args, at)
        if name.startswith("dishka.") and name.rpartition(".")[2] in ("provide", "provide_all"):
            return self._bind_interface(act, args, at)
        if name.rpartition(".")[2] in QUEUEING:
            self._call_by_name(act, args, at)
        if name in ("arq.func", "arq.worker.func"):
            for told in args.keywords.get("name", NOTHING):
                if isinstance(told, Const) and isinstance(told.value, str):
                    self.heap.write(("task", told.value), args.at(0))
            return args.at(0)
        if known.result:
            return self.instance(known.result)
        if library.keeps_arguments(name):
            made = self.made(name, args, at, act)
            if library.keeps_identity(name):
                self.construct_router(act, made, args, at)
            return only(made)
        registered = self.register(act, name, receiver, args, at)
        if registered is not None:
            return registered
        if not name.startswith("builtins."):
            return self._call_plain(act, known, receiver, args, at, site)
        self._call_back(act, known, args, at, site)
        if receiver is None and known.is_class:
            return self.instance(name)
        if name.startswith("builtins.str."):
            text = strings.call(self, act, name, receiver, args)
            if text is not None:
                return text
            return self.instance("builtins.str") if name[13:] in library.STRING_METHODS else NOTHING
        return NOTHING

    def _call_plain(self, act: Activation, outside: Outside, receiver: Value | None, args: Arguments,
                    at: Span, site: CallSite) -> Values:  # fmt: skip
        """Return what calling an outside thing gives of which only the name is known."""
        if outside.result:
            return self.instance(outside.result)
        self._call_back(act, outside, args, at, site)
        if receiver is None and outside.is_class:
            return self.instance(outside.name)
        return only(self.u.outcome(outside.name, "()"))

    def _call_back(
        self, act: Activation, outside: Outside, args: Arguments, at: Span, site: CallSite
    ) -> None:
        """Run the functions handed to outside code, which may call them at any time; decorators do not."""
        if not outside.calls_back or act.frame.sites.get((at, "decorator")) is site:
            return
        for values in (*args.positional, *args.keywords.values(), args.rest, args.others):
            functions = self._functions_in(values) if values else NOTHING
            if functions:
                self.call(act, functions, Arguments(), at, "callback")

    def _functions_in(self, values: Values) -> Values:
        known = self._functions.get(values)
        if known is None:
            functions = [value for value in values if isinstance(value, FunctionValue)]
            known = self._functions[values] = frozenset(functions) if functions else NOTHING
        return known

    def _function_method(
        self, act: Activation, name: str, receiver: FunctionValue, args: Arguments, at: Span
    ) -> Values:
        """Call a method of a function object: a task decorator from outside put it there."""
        method = name.rpartition(".")[2]
        if method in ("__call__", "func", "original", "fn", "run"):
            return self.call(act, only(receiver), args, at)
        if method in TASK_METHODS:
            self.call(act, only(receiver), args, at, "deferred")
        elif method == "__get__":
            return only(receiver)
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
        return only(made)

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
                result |= only(value)
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
                values = only(self.u.function(found[0]))
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
            self.call(act, only(self.u.class_value(cls)), Arguments(), Span(0), "call")
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
