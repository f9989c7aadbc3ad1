"""The method a service gets for what moves: its parameters, its text and what it returns."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chains
from layercheck.fixes.extract.exception_classes import Chosen
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.names import Origin, binds, paths_of, reads, uses
from layercheck.fixes.extract.repositories import Parameter
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.split import Parts
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP, moved, whole
from layercheck.fixes.extract.translations import unwrapped
from layercheck.fixes.extract.typing_text import NONE, UNKNOWN_TYPE, Annotations, Written

MOST_FIELDS = 4
"""So many fields of a schema are handed over one by one."""


class ServiceMethod(NamedTuple):
    """The method of the service: what it takes from the handler, and its text without indent."""

    name: str
    passed: tuple[tuple[str, Parameter], ...]
    returns: Written
    body: str
    is_async: bool
    needs: tuple[Origin, ...]


class ServiceMethods:
    """Writes the method for one handler."""

    def __init__(
        self, target: Target, chains: Chains, results: Results, local: Locals, annotations: Annotations
    ) -> None:
        """Write for ``target``; what is known of its names is in ``local``."""
        self._target = target
        self._chains = chains
        self._results = results
        self._locals = local
        self._annotations = annotations

    def method(
        self, parts: Parts, edits: list[Edit], service: Service, exceptions: Collection[Chosen]
    ) -> ServiceMethod:
        """Return the method for what moves, after ``edits``, which raises ``exceptions``."""
        target, code = self._target, self._target.code
        start, end = whole(code, parts.moving)
        body = moved(code, start, end, edits, STEP).strip("\r\n").replace(code.newline, "\n")
        body = unwrapped(body)
        if parts.staying and parts.outs:
            body += f"\n{STEP}return {', '.join(parts.outs)}"
        parsed = Code("service", f"def method():\n{body}\n".encode())
        node = next(parsed.nodes(cst.FunctionDef))
        is_async = any(True for one in parsed.nodes(cst.Await) if parsed.around(one, cst.FunctionDef) is node)
        if target.session in reads(node.body) and target.session not in binds(node.body):
            raise Refused(f"{target.at(target.node.name)}: a function inside of the handler uses the session")
        replaced: list[Edit] = []
        passed: list[tuple[str, Parameter]] = []
        own = set(binds(node.body))
        taken = {"self", *own}
        for name in reads(node.body):
            if name not in target.params or name == target.session:
                continue
            for expression, parameter, places in self._handed(parsed, node, name, taken):
                taken.add(parameter.name)
                passed.append((expression, parameter))
                replaced += [
                    parsed.replace(one, parameter.name) for one in places if expression != parameter.name
                ]
        first = parsed.line_start(2)
        text = moved(parsed, first, len(parsed.text), replaced, STEP + STEP).rstrip("\n")
        needs: list[Origin] = []
        raised = {one.name for one in exceptions}
        for name in reads(node.body):
            if name in own or name in target.params or name == "self":
                continue
            if self._locals.is_local(name) and name not in raised:
                raise Refused(f"{target.at(target.node.name)}: `{name}` would be used where it is not known")
            if name in raised:
                continue
            origin = target.origins.of(name)
            if origin is not None:
                needs.append(origin)
        needs += [one.origin for one in exceptions]
        returns = self._returns(parts)
        method = wording.free(target.function.name, service.methods)
        return ServiceMethod(method, tuple(passed), returns, text, is_async, tuple(needs))

    def _handed(
        self, parsed: Code, node: cst.FunctionDef, name: str, taken: set[str]
    ) -> list[tuple[str, Parameter, list[cst.BaseExpression]]]:
        """Return what the handler hands to the service of one of its parameters."""
        attributes, only = paths_of(name, [node.body], parsed)
        is_entity = any(True for _ in self._target.tables(self._locals.values_of(name)))
        places = list(uses(name, node.body))
        if only and not is_entity and 0 < len(attributes) <= MOST_FIELDS:
            found = []
            for attribute in attributes:
                type_ = self._locals.type_of_attribute(name, attribute)
                if type_ is None and self._locals.is_web(name):
                    type_ = UNKNOWN_TYPE
                if type_ is None or attribute in taken or attribute in self._target.params:
                    break
                at: list[cst.BaseExpression] = []
                for one in places:
                    parent = parsed.parent(one)
                    if isinstance(parent, cst.Attribute) and parent.attr.value == attribute:
                        at.append(parent)
                found.append((f"{name}.{attribute}", Parameter(attribute, type_), at))
            else:
                return found
        type_ = self._locals.type_of_name(name) or UNKNOWN_TYPE
        param = self._target.params[name]
        if param.annotation is not None:
            written = self._annotations.of_source(
                self._target.code, self._target.function.module, param.annotation.annotation
            )
            if written is not None and "None" in written.text:
                type_ = written
        return [(name, Parameter(name, type_), [])]

    def _returns(self, parts: Parts) -> Written:
        if parts.staying:
            types = [self._type_of_out(name, parts) for name in parts.outs]
            if not types:
                return NONE
            if len(types) == 1:
                return types[0]
            needs = tuple(need for one in types for need in one.needs)
            return Written(f"tuple[{', '.join(one.text for one in types)}]", needs)
        values = [one.value for part in parts.moving for one in _returns_in(part)]
        if not any(value is not None for value in values):
            return NONE
        known = [self._type_of_value(value, parts) or UNKNOWN_TYPE for value in values]
        if UNKNOWN_TYPE in known:
            return self._declared(known) or UNKNOWN_TYPE
        texts = dict.fromkeys(one.text for one in known)
        return Written(" | ".join(texts), tuple(need for one in known for need in one.needs))

    def _declared(self, known: list[Written]) -> Written | None:
        """Return what the handler is annotated to return, unless it is known to return something else."""
        target = self._target
        if target.node.returns is None:
            return None
        annotation = target.node.returns.annotation
        written = self._annotations.of_source(target.code, target.function.module, annotation)
        if written is None or any(one not in (UNKNOWN_TYPE, written) for one in known):
            return None
        return written

    def _type_of_value(self, value: cst.BaseExpression | None, parts: Parts) -> Written | None:
        if value is None:
            return NONE
        if isinstance(value, cst.Name) and value.value not in ("None", "True", "False"):
            return self._type_of_out(value.value, parts)
        for chain in self._chains.inside(value):
            if chain.node is value:
                return self._results.type_of(chain)
        return self._locals.type_of(value)

    def _type_of_out(self, name: str, parts: Parts) -> Written:
        known = self._locals.type_of_name(name)
        if known is None:
            return UNKNOWN_TYPE
        stored = self._locals.known(name)
        if stored is not None and stored.text.endswith(" | None") and not _is_guarded(name, parts.moving):
            return stored
        return known


def _returns_in(node: cst.CSTNode) -> list[cst.Return]:
    found = [node] if isinstance(node, cst.Return) else []
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        for child in node.children:
            found += _returns_in(child)
    return found


def _is_guarded(name: str, statements: tuple[cst.BaseStatement, ...]) -> bool:
    """Return whether the statements end where ``name`` is None."""
    for statement in statements:
        if isinstance(statement, cst.If) and name in {*reads(statement.test), *binds(statement.test)}:
            body = statement.body.body
            last = body[-1] if body else None
            if isinstance(last, cst.SimpleStatementLine) and isinstance(
                last.body[-1], (cst.Raise, cst.Return)
            ):
                return True
    return False
