"""The values of names where they stand, read after the inference has ended."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.inference.values import NOTHING, ClassValue, External, ModuleValue, Values
from layercheck.program.entities import Function, Module


def named_values(inference: Inference, node: r.Expr, module: Module, frame: Frame | None) -> Values:
    """Return the values of a dotted name that stands in ``frame``, or in the body of ``module``."""
    heap = inference.heap
    match node:
        case r.Name(id=name):
            while frame is not None and isinstance(frame.entity, Function):
                if name in frame.entity.bound:
                    return heap.read(("name", frame, name), None)
                frame = frame.outer
            found = heap.read(("name", module, name), None)
            return found or frozenset((inference.u.external(f"builtins.{name}"),))
        case r.Attribute(value=value, name=name):
            result: Values = NOTHING
            for base in named_values(inference, value, module, frame):
                match base:
                    case External(name=path):
                        result |= {inference.u.external(f"{path}.{name}")}
                    case ClassValue(cls=cls):
                        result |= heap.read(("class", cls, name), None)
                    case ModuleValue(name=path, root=root):
                        found_module = inference.program.find(path, root)
                        if found_module is not None:
                            result |= heap.read(("name", found_module, name), None)
            return result
    return NOTHING
