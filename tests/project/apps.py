"""Builds projects from a few files given as text."""

from __future__ import annotations

import textwrap
from pathlib import Path

from layercheck.config.schema import Types
from layercheck.facts.read import read_facts
from layercheck.inference.engine import Inference
from layercheck.program.build import build_program
from layercheck.project.fastapi import build_fastapi
from layercheck.project.model import Project
from layercheck.project.sessions import Sessions
from layercheck.sources import discover


def build(root: Path, files: dict[str, str]) -> Project:
    """Return the project the files make, written below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return read(root)


def read(root: Path) -> Project:
    """Return the project that stands below ``root``."""
    tree = discover(root.resolve(), ["."])
    program = build_program(
        (source, read_facts(source.read(Path(tree.project_root)))) for source in tree.sources
    )
    inference = Inference(program)
    inference.run()
    project = Project(program, inference, Sessions(Types(), inference.hierarchy))
    build_fastapi(project)
    return project


def routes(project: Project) -> list[str]:
    """Return the routes as ``METHOD path handler``, sorted; unreachable ones in parentheses."""
    lines = []
    for route in project.routes:
        line = f"{route.method} {route.path} {route.handler.qualname}"
        lines.append(line if route.reachable else f"({line})")
    return sorted(lines)
