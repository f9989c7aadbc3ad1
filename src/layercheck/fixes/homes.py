"""The files new definitions belong to."""

from __future__ import annotations

from collections import Counter

from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Context
from layercheck.program.entities import Module
from layercheck.project.features import features
from layercheck.project.words import directory_layer, file_layer

_FILES = {"dependency": "dependencies.py", "exception": "exceptions.py"}
"""What files are called where the project has none yet."""


def home_of(context: Context, module: Module, layer: str) -> str:
    """Return the file of ``layer`` nearest to ``module``: one there is, else one to be made.

    That is one in the same feature, or in a directory around the module or right below such a one. Raises
    `Refused` where several are as near.
    """
    homes = features(context.view.project, context.view.config)
    feature = homes.get(module)
    found = [
        one for one in context.view.project.program.modules
        if context.view.project.layer(one).layer == layer and _is_called(one.path, layer)
        and homes.get(one, feature) == feature
    ]  # fmt: skip
    directory = module.path.rpartition("/")[0]
    while True:
        near = [one.path for one in found if _lies_in(one.path, directory, layer)]
        if len(near) == 1:
            return near[0]
        if near:
            raise Refused(f"several files are for it: {', '.join(sorted(near)[:2])}")
        if not directory or directory == feature:
            break
        directory = directory.rpartition("/")[0]
    names = Counter(one.path.rpartition("/")[2] for one in found if file_layer(_stem(one.path)) == layer)
    name = names.most_common(1)[0][0] if names else _FILES[layer]
    own = context.view.project.layer(module).layer
    parent = feature or _outside_of_layers(module.path.rpartition("/")[0], own)
    path = f"{parent}/{name}" if parent else name
    if context.exists(path):
        raise Refused(f"{path} is there, and for something else")
    return path


def _is_called(path: str, layer: str) -> bool:
    """Return whether a file, or the directory it lies in, has the name of a layer."""
    directory = path.rpartition("/")[0].rpartition("/")[2]
    is_inside = directory_layer(directory) == layer and _stem(path) != "__init__"
    return is_inside or file_layer(_stem(path)) == layer


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _lies_in(path: str, directory: str, layer: str) -> bool:
    """Return whether a file lies in a directory, or in one directly below that is not about something else.

    What lies in ``services/billing`` is about billing, and not for all services.
    """
    inner = path.removeprefix(f"{directory}/") if directory else path
    if inner == path and directory:
        return False
    below, *deeper = inner.split("/")[:-1] or [""]
    is_neutral = not below or directory_layer(below) == layer or not directory_layer(_name(directory))
    return is_neutral and not deeper


def _name(directory: str) -> str:
    return directory.rpartition("/")[2]


def _outside_of_layers(directory: str, own: str) -> str:
    """Return the directory around the one of the ``own`` layer, and around those called like layers."""
    parts = directory.split("/")
    last = max((index for index, part in enumerate(parts) if directory_layer(part) == own), default=None)
    if last is not None:
        directory = "/".join(parts[:last])
    while directory and directory_layer(directory.rpartition("/")[2]):
        directory = directory.rpartition("/")[0]
    return directory


def module_name(context: Context, path: str, sibling: Module) -> str:
    """Return the dotted name of the file at ``path``, also of one to be made, as ``sibling`` imports it."""
    known = context.module(path)
    if known is not None:
        return known.name
    root = sibling.source.root
    inner = path.removeprefix(f"{root}/") if root else path
    return inner.removesuffix(".py").replace("/", ".")
