"""Builds projects with layers from a few files given as text."""

from __future__ import annotations

from pathlib import Path

from layercheck.config.schema import Config
from layercheck.inference.frames import CallSite
from layercheck.program.entities import Entity
from layercheck.project.evidence import Evidence
from layercheck.project.layers import assign_layers
from layercheck.project.model import Project
from layercheck.project.presence import layers_present
from layercheck.project.wrappers import with_wrappers
from apps import build

NO_SETTINGS = Config()

MODELS = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
"""
"""Entities for ``app/models.py``."""


def layered(root: Path, files: dict[str, str], config: Config = NO_SETTINGS) -> Project:
    """Return the project the files make, layers and their presence decided."""
    project = build(root, {"app/__init__.py": "", **files})
    project.sessions = with_wrappers(project.inference, config.types)
    evidence = Evidence(project)
    assign_layers(project, config, evidence)
    project.presence = layers_present(project, config, evidence)
    return project


def element(project: Project, name: str) -> Entity:
    """Return the module, class or function called ``name``."""
    program = project.program
    known: list[Entity] = [*program.modules, *program.classes, *program.functions]
    return next(one for one in known if one.qualname == name)


def said(project: Project, name: str) -> str:
    """Return the layer of an element with its confidence and evidence, as one line."""
    found = project.layer(element(project, name))
    return f"{found.layer} ({found.confidence.name.lower()}: {found.evidence})"


def sites(project: Project, name: str) -> list[CallSite]:
    """Return the call sites of the function ``name`` in source order."""
    frames = [frame for frame in project.inference.frames if frame.qualname == name and frame.runs]
    found = {key: site for frame in frames for key, site in frame.sites.items()}
    return [found[key] for key in sorted(found)]
