"""The types of single columns of mapped classes: as they are annotated, or as their SQL type says."""

from __future__ import annotations

from types import MappingProxyType

import libcst as cst

from layercheck.fixes.code import Refused
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.repositories import class_node
from layercheck.fixes.extract.typing_text import Annotations, Written
from layercheck.program.entities import Class

_PYTHON = MappingProxyType(
    {
        **dict.fromkeys(("Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT"), "int"),
        **dict.fromkeys(("String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT", "CHAR"), "str"),
        **dict.fromkeys(("Boolean", "BOOLEAN"), "bool"),
        **dict.fromkeys(("Float", "Double", "FLOAT"), "float"),
        **dict.fromkeys(("LargeBinary", "BLOB"), "bytes"),
        **dict.fromkeys(("DateTime", "TIMESTAMP", "DATETIME"), "datetime.datetime"),
        **dict.fromkeys(("Date", "DATE"), "datetime.date"),
    }
)
"""What the types of SQLAlchemy are in Python: ``TypeEngine.python_type`` of each."""


def column_type(annotations: Annotations, cls: Class, name: str) -> Written | None:
    """Return the annotation of a column of ``cls``, with None where it may be null."""
    declared = annotations.of_field(cls, name)
    if declared is not None:
        return declared if "Column" not in declared.text else None
    for base in annotations.context.view.project.inference.hierarchy.order(cls):
        if isinstance(base, Class) and name in base.bound:
            return _of_column(annotations, base, name)
    return None


def _of_column(annotations: Annotations, cls: Class, name: str) -> Written | None:
    """Return the annotation of what ``Column(...)`` describes, None where that is not plain."""
    try:
        node = class_node(annotations.context.code(cls.module.path), cls)
    except Refused:
        return None
    for line in node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and isinstance(small.value, cst.Call):
                target = small.targets[0].target
                if (
                    isinstance(target, cst.Name)
                    and target.value == name
                    and _last(small.value.func) == "Column"
                ):
                    return _of_call(small.value)
    return None


def _of_call(call: cst.Call) -> Written | None:
    kinds = [
        _PYTHON[last] for arg in call.args if arg.keyword is None and (last := _kind(arg.value)) in _PYTHON
    ]
    if len(kinds) != 1:
        return None
    told = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    module, _, last = kinds[0].rpartition(".")
    found = Written(kinds[0], (Origin(module, "", module),) if module else ())
    is_kept = _is(told.get("nullable"), "False") or _is(told.get("primary_key"), "True")
    return found if is_kept else found.optional()


def _kind(node: cst.BaseExpression) -> str:
    return _last(node.func if isinstance(node, cst.Call) else node)


def _last(node: cst.BaseExpression) -> str:
    name = node.attr if isinstance(node, cst.Attribute) else node
    return name.value if isinstance(name, cst.Name) else ""


def _is(node: cst.BaseExpression | None, word: str) -> bool:
    return isinstance(node, cst.Name) and node.value == word
