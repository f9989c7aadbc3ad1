"""Small programs from texts, without a file on disk."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from layercheck.facts.extract import extract
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.program.build import build_program
from layercheck.program.entities import Module, Program
from layercheck.sources import Role, Source
from layercheck.sources.discover import module_name


def program(files: Mapping[str, str]) -> Program:
    """Return the program of ``files``: path to text, all below one import root."""
    read = []
    for path, text in sorted(files.items()):
        module, is_package = module_name(path, "")
        read.append((Source(path, module, "", is_package, Role.CODE), extract(textwrap.dedent(text))))
    return build_program(read)


def infer(files: Mapping[str, str]) -> Inference:
    """Return what the interpreter learns of ``files``."""
    inference = Inference(program(files))
    inference.run()
    return inference


def module(program: Program, name: str) -> Module:
    """Return the module called ``name``."""
    return next(module for module in program.modules if module.name == name)


def frame(inference: Inference, qualname: str) -> Frame:
    """Return the frame of the function ``qualname`` as it is declared."""
    return next(
        frame for frame in inference.frames if frame.qualname == qualname and frame.generic and frame.runs
    )
