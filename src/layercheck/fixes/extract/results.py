"""What comes out of the chains of a handler: the annotations of rows, single columns and counts."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.fixes.extract.chains import ENDS, MANY, ONE, ONE_OR_NONE, Chain, Chains, called, calls_in
from layercheck.fixes.extract.columns import column_type
from layercheck.fixes.extract.typing_text import ANY, UNKNOWN_TYPE, Annotations, Written, first_known
from layercheck.inference.values import External, Instance, Values
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.parameters import product

_ROWS = ("ScalarResult", "Query", "TupleResult", "Result", "ChunkedIteratorResult")
_SCALARS = frozenset({"scalars", "scalar", "scalar_one", "scalar_one_or_none", "exec"})
"""What gives the first column of rows instead of rows; ``exec`` of SQLModel does for one column."""
_FIRST_COLUMN = _SCALARS - {"exec"}


class Results:
    """Tells what chains give."""

    def __init__(self, chains: Chains, annotations: Annotations) -> None:
        """Tell of the chains of one handler."""
        self.target = chains.target
        self._chains = chains
        self._annotations = annotations

    def type_of(self, chain: Chain) -> Written | None:
        """Return the annotation of what a chain gives, None where it gives nothing that is known."""
        if chain.handed:
            return self._type_of_handed(chain)
        return self._of_method(chain.method, chain)

    def told_of(self, chain: Chain) -> str:
        """Return the first line of the docstring of what is handed the session."""
        site = self.target.site(chain.calls[-1])
        for frame, _ in site.edges if site is not None else ():
            if isinstance(frame.entity, Function):
                doc = self._annotations.docstring(frame.entity)
                if doc:
                    return doc.strip().splitlines()[0]
        return ""

    def is_listed(self, chain: Chain) -> bool:
        """Return whether a chain gives rows that have to be put into a list first."""
        if isinstance(chain.node, cst.Call) and isinstance(chain.node.func, cst.Name):
            return False
        site = self.target.site(chain.calls[0]) if chain.calls else None
        result = product(site.result) if site is not None else frozenset()
        names = {value.class_name for value in result if isinstance(value, Instance)}
        if chain.method in MANY:
            return chain.first_method != "query"
        return bool(names) and all(name.rpartition(".")[2] in _ROWS for name in names)

    def _of_method(self, method: str, chain: Chain) -> Written | None:
        site = self.target.site(chain.calls[0]) if chain.calls else None
        result = product(site.result) if site is not None else frozenset()
        if method == "count" or (method in ENDS and self._counts(chain)):
            number = Written("int")
            return number.optional() if method in ONE_OR_NONE else number
        if self._gives_rows(chain):
            many = method in MANY or self.is_listed(chain)
            return UNKNOWN_TYPE.listed() if many else UNKNOWN_TYPE if method in ENDS else None
        column = self._column(chain)
        if column is not None:
            if method in ONE_OR_NONE:
                return column.optional()
            return (
                column
                if method in ONE
                else column.listed()
                if method in MANY or self.is_listed(chain)
                else None
            )
        element = self._annotations.of_values(frozenset(v for v in result if not isinstance(v, External)))
        if method in ONE_OR_NONE:
            one = first_known((element, self._single(chain)))
            return one.optional() if one is not None else None
        if method in ONE:
            return first_known((element, self._single(chain)))
        if method in MANY or self.is_listed(chain):
            found = self._elements(result) or self._single(chain)
            return found.listed() if found is not None else None
        return None

    def _type_of_handed(self, chain: Chain) -> Written | None:
        site = self.target.site(chain.calls[-1])
        if site is None:
            return None
        functions = [frame.entity for frame, _ in site.edges if isinstance(frame.entity, Function)]
        declared = first_known(self._annotations.of_return(one) for one in functions)
        if declared is not None and declared.text != ANY:
            return declared
        return first_known((self._annotations.of_values(product(site.result)), declared))

    def _elements(self, result: Values) -> Written | None:
        inner = [value.args[0] for value in result if isinstance(value, Instance) and value.args]
        return self._annotations.of_values(inner[0]) if len(inner) == 1 else None

    def _single(self, chain: Chain) -> Written | None:
        """Return the type of one row where only the statement tells: one entity is selected."""
        for call in reversed(chain.calls):
            site = self.target.site(call)
            for values in (product(site.result), *site.args) if site is not None else ():
                for value in values:
                    if isinstance(value, Instance) and isinstance(value.cls, str) and len(value.args) == 1:
                        inner = value.args[0]
                        if len(inner) == 1 and all(isinstance(one, Instance) for one in inner):
                            return self._annotations.of_values(inner)
        return None

    def _gives_rows(self, chain: Chain) -> bool:
        """Return whether a statement gives rows, of several columns or of one that nobody takes out."""
        nodes = (chain.node, *self._chains.definitions(chain))
        methods = {called(call) for node in nodes for call in calls_in(node)}
        selects = [one for node in nodes for one in _selects(node)]
        if methods & {"mappings", "tuples"}:
            return True
        if methods & _FIRST_COLUMN or not selects:
            return False
        several = any(len(one.args) > 1 or any(arg.star for arg in one.args) for one in selects)
        return several or "execute" in {_root_method(node) for node in nodes}

    def _column(self, chain: Chain) -> Written | None:
        found = self.column_of(chain)
        return column_type(self._annotations, *found) if found is not None else None

    def column_of(self, chain: Chain) -> tuple[Class, str] | None:
        """Return the only column a statement selects, where no rows are left around its values."""
        methods = {called(call) for call in (*chain.calls, *self._calls_before(chain))}
        if not methods & _SCALARS:
            return None
        selects = [one for node in (chain.node, *self._chains.definitions(chain)) for one in _selects(node)]
        if len(selects) != 1 or len(selects[0].args) != 1:
            return None
        selected = selects[0].args[0].value
        if isinstance(selected, cst.Call) and called(selected) == "distinct" and len(selected.args) == 1:
            selected = selected.args[0].value
        if not isinstance(selected, cst.Attribute):
            return None
        cls = self._chains.table(selected.value)
        return (cls, selected.attr.value) if cls is not None else None

    def _calls_before(self, chain: Chain) -> Iterator[cst.Call]:
        """Yield the calls on the results a chain begins with."""
        for value in self._chains.definitions(chain):
            yield from calls_in(value)

    def _counts(self, chain: Chain) -> bool:
        """Return whether the only thing selected is ``func.count``."""
        nodes = [chain.node, *self._chains.definitions(chain)]
        selects = [call for call in calls_in(*nodes) if called(call) in ("select", "query")]
        return bool(selects) and all(
            len(select.args) == 1 and any(called(call) == "count" for call in calls_in(select.args[0].value))
            for select in selects
        )


def _selects(node: cst.BaseExpression) -> Iterator[cst.Call]:
    """Yield the calls that begin the statements an expression runs, none of queries inside of queries."""
    root: cst.BaseExpression = node
    passed: list[cst.Call] = []
    while isinstance(root, (cst.Call, cst.Attribute, cst.Await)):
        if isinstance(root, cst.Call):
            if called(root) in ("select", "query"):
                yield root
                return
            passed.append(root)
            root = root.func
        else:
            root = root.value if isinstance(root, cst.Attribute) else root.expression
    for call in passed:
        for arg in call.args:
            yield from _selects(arg.value)


def _root_method(node: cst.BaseExpression) -> str:
    """Return the method an expression calls on the name it begins with."""
    root: cst.BaseExpression = node
    method = ""
    while isinstance(root, (cst.Call, cst.Attribute, cst.Await)):
        if isinstance(root, cst.Attribute):
            method, root = root.attr.value, root.value
        else:
            root = root.func if isinstance(root, cst.Call) else root.expression
    return method
