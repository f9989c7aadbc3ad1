"""What the methods of a repository are called, by what their queries compare and give."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chain
from layercheck.fixes.extract.parameters import Passed
from layercheck.fixes.extract.repositories import subject
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.statements import all_nodes
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.typing_text import Written
from layercheck.program.entities import Class


def method_name(
    target: Target,
    results: Results,
    chain: Chain,
    nodes: Sequence[cst.CSTNode],
    passed: Sequence[Passed],
    returns: Written,
    entity: Class,
) -> tuple[str, str]:
    """Return the name of a method for a query, and what its docstring says."""
    told, many = subject(entity), wording.plural(subject(entity))
    if chain.handed:
        func = chain.calls[-1].func
        name = func.attr.value if isinstance(func, cst.Attribute) else target.code.source(func)
        short = name.replace(f"{wording.snake(entity.name)}_", "") or name
        name = short if short.isidentifier() and "_" in name else name
        doc = f"{' '.join(wording.words(name)).capitalize()}."
        if name.startswith("get_by_"):
            doc = f"Return the {told} with this {name.removeprefix('get_by_')}, None if there is none."
        return name, results.told_of(chain) or doc
    keys = keys_of(nodes, [one.parameter.name for one in passed])
    by = f"_by_{'_and_'.join(keys)}" if keys and len(keys) <= 2 else ""
    with_ = f" with this {' and '.join(keys)}" if by else ""
    text = " ".join(target.code.source(node) for node in nodes)
    method = chain.method
    if returns.text == "None":
        verb = "update" if "update(" in text else "delete" if "delete(" in text else "insert"
        if verb == "insert" and "insert(" not in text:
            verb = "execute"
        return f"{verb}{by}", f"{verb.capitalize()} {many}{with_}."
    if chain.first_method == "get" and len(chain.calls) == 1:
        return "get", f"Return one {told}, None if there is none."
    column = results.column_of(chain)
    if column is not None:
        many_values = wording.plural(column[1])
        if returns.text.startswith("list["):
            return f"list_{many_values}{by}", f"Return the {many_values} of the {many}{with_}."
        return f"get_{column[1]}{by}", f"Return the {column[1]} of the {told}{with_}, None if there is none."
    if returns.text.partition(" ")[0] == "int":
        return f"count{by}", f"Count the {many}{with_}."
    if returns.text.startswith(("list[", "Sequence[", "set[", "tuple[")):
        if "limit(" in text and not by:
            return "list_page", f"Return a page of {many}."
        return (
            f"list{by}" if by else "list_all" if not passed else "list_some"
        ), f"Return the {many}{with_}."
    if method in ("first", "one_or_none", "scalar_one_or_none", "scalar"):
        return f"get{by}" if by else "find", f"Return the {told}{with_}, None if there is none."
    return f"get{by}" if by else "find", f"Return the {told}{with_}."


def keys_of(nodes: Sequence[cst.CSTNode], params: Sequence[str]) -> list[str]:
    """Return the columns a query compares with what it is handed."""
    found: dict[str, None] = {}
    for node in nodes:
        for one in all_nodes(node):
            if isinstance(one, cst.Comparison) and len(one.comparisons) == 1:
                if isinstance(one.comparisons[0].operator, cst.Equal):
                    left = one.left
                    if isinstance(left, cst.Call) and left.args:
                        left = left.args[0].value
                    if isinstance(left, cst.Attribute):
                        found[left.attr.value] = None
            elif isinstance(one, cst.Call) and isinstance(one.func, cst.Attribute):
                if one.func.attr.value == "filter_by":
                    found.update(dict.fromkeys(arg.keyword.value for arg in one.args if arg.keyword))
    return list(found)
