"""From an inference to the project the rules ask."""

from __future__ import annotations

from layercheck.config.schema import Config
from layercheck.inference.engine import Inference
from layercheck.program.entities import Program
from layercheck.project.evidence import Evidence
from layercheck.project.fastapi import build_fastapi
from layercheck.project.layers import assign_layers
from layercheck.project.model import Project
from layercheck.project.presence import layers_present
from layercheck.project.wrappers import with_wrappers


def build_project(program: Program, inference: Inference, config: Config) -> Project:
    """Return ``program`` as a FastAPI project, its layers decided by ``config``."""
    project = Project(program, inference, with_wrappers(inference, config.types))
    build_fastapi(project)
    evidence = Evidence(project)
    assign_layers(project, config, evidence)
    project.presence = layers_present(project, config, evidence)
    return project
