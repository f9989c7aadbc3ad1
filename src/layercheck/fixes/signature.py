"""The signature of a function as text: taking parameters away, and adding others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.location import line_of
from layercheck.program.entities import Function

_REST = re.compile(r"\s*,?")


def definition(code: Code, function: Function) -> cst.FunctionDef:
    """Return where ``function`` is defined in ``code``; raises `Refused` where that is not found."""
    line = line_of(getattr(function.node, "header", function.at))
    for node in code.nodes(cst.FunctionDef):
        if node.name.value == function.name and code.range(node.name).start.line == line:
            return node
    raise Refused(f"{function.name} is not where it was expected")


def all_names(node: cst.CSTNode) -> Iterator[str]:
    """Yield every name that is written in ``node``."""
    if isinstance(node, cst.Name):
        yield node.value
    for child in node.children:
        yield from all_names(child)


def free_name(node: cst.CSTNode, *wishes: str) -> str:
    """Return the first of ``wishes`` that is written nowhere in ``node``; raises `Refused` without one."""
    used = set(all_names(node))
    found = next((name for name in wishes if name not in used), "")
    if not found:
        raise Refused(f"the name {wishes[0]} is taken in the function")
    return found


@dataclass(frozen=True, slots=True)
class New:
    """A parameter to add: its text, and whether it has a default."""

    text: str
    has_default: bool


class Signature:
    """The parameters of one function."""

    def __init__(self, code: Code, node: cst.FunctionDef) -> None:
        self._code = code
        self._node = node
        params = node.params
        self._plain = [*params.posonly_params, *params.params]
        self._after_star = list(params.kwonly_params)

    def param(self, name: str) -> cst.Param | None:
        """Return the parameter called ``name``."""
        every = (*self._plain, *self._after_star)
        return next((one for one in every if one.name.value == name), None)

    def text(self, param: cst.Param) -> str:
        """Return the text of a parameter without the comma behind it."""
        return self._code.text[self._start(param) : self._end(param)]

    def span(self, param: cst.Param) -> tuple[int, int]:
        """Return where a parameter begins and ends, without the comma behind it."""
        return self._start(param), self._end(param)

    def changed(self, gone: Collection[str], new: list[New]) -> list[Edit]:
        """Return the edits that take parameters away and add others, in the place of one of those.

        A new one with a default stands behind those without.
        """
        edits: list[Edit] = []
        removed = [one for one in (*self._plain, *self._after_star) if one.name.value in gone]
        waiting = list(new)
        for one in list(removed):
            fitting = next((each for each in waiting if each.has_default == (one.default is not None)), None)
            if fitting is not None:
                waiting.remove(fitting)
                removed.remove(one)
                edits.append(Edit(self._code.path, self._start(one), self._end(one), fitting.text))
        edits += self._without(removed)
        for one_new in waiting:
            edits.append(self._added(one_new, removed))
        return edits

    # Places -------------------------------------------------------------------------------------

    def _start(self, param: cst.Param) -> int:
        return self._code.span(param.name)[0]

    def _end(self, param: cst.Param) -> int:
        last = param.default or (param.annotation.annotation if param.annotation is not None else param.name)
        if getattr(last, "lpar", ()):
            raise Refused("a parameter is written in brackets")
        return self._code.span(last)[1]

    def _without(self, removed: list[cst.Param]) -> Iterator[Edit]:
        """Yield the edits that take parameters away, each with a comma."""
        if not removed:
            return
        if self._node.params.posonly_params or self._node.params.star_kwarg is not None:
            raise Refused("the signature is not a plain one")
        everything = [*self._plain, *self._after_star]
        if isinstance(self._node.params.star_arg, (cst.Param, cst.ParamStar)):
            if any(one in self._after_star for one in removed):
                raise Refused("the signature is not a plain one")
            if any(one in self._plain for one in removed) and removed[-1] is self._plain[-1]:
                raise Refused("the signature is not a plain one")
        kept = [one for one in everything if one not in removed]
        if not kept:
            start, end = self._start(everything[0]), self._end(everything[-1])
            found = _REST.match(self._code.text, end)
            end = found.end() if found is not None else end
            opening = self._code.text.rindex("(", 0, start) + 1
            closing = self._code.text.index(")", end)
            if self._code.text[opening:start].strip() or self._code.text[end:closing].strip():
                raise Refused("there is a comment among the parameters")
            yield self._code.delete(opening, closing)
            return
        last_kept = everything.index(kept[-1])
        for index, one in enumerate(everything):
            if one not in removed:
                continue
            if index < last_kept:
                yield self._cut(self._start(one), self._start(everything[index + 1]), self._end(one))
            else:
                yield self._cut(self._end(everything[index - 1]), self._end(one), self._end(one))

    def _cut(self, start: int, end: int, own_end: int) -> Edit:
        if "#" in self._code.text[start:end].replace(self._code.text[start:own_end], ""):
            raise Refused("there is a comment among the parameters")
        return self._code.delete(start, end)

    def _added(self, new: New, removed: list[cst.Param]) -> Edit:
        if self._after_star:
            return self._behind(self._after_star[-1], new)
        if new.has_default and self._node.params.star_arg is not cst.MaybeSentinel.DEFAULT:
            if not isinstance(self._node.params.star_arg, (cst.Param, cst.ParamStar)):
                return self._behind(self._plain[-1], new)
            raise Refused("the signature is not a plain one")
        bare = [one for one in self._plain if one.default is None]
        target = self._plain if new.has_default else bare
        if target:
            if target[-1] in removed:
                raise Refused("the parameters to remove are in the way")
            return self._behind(target[-1], new)
        if self._plain:
            start = self._start(self._plain[0])
            return self._code.insert(start, f"{new.text}, ")
        opening = self._code.text.index("(", self._code.span(self._node.name)[1]) + 1
        return self._code.insert(opening, new.text)

    def _behind(self, param: cst.Param, new: New) -> Edit:
        line = self._code.range(param.name).start.line
        own = line != self._code.range(self._node.name).start.line
        indent = self._code.indent_of(line)
        at_start = self._start(param) == self._code.line_start(line) + len(indent)
        join = f",\n{indent}" if own and at_start and self._one_to_a_line() else ", "
        return self._code.insert(self._end(param), f"{join}{new.text}")

    def _one_to_a_line(self) -> bool:
        lines = [self._code.range(one.name).start.line for one in (*self._plain, *self._after_star)]
        return len(set(lines)) == len(lines)
