"""Reading a project and working out what it is: files, facts, program, types, layers, graphs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from layercheck.config.schema import Config
from layercheck.facts.read import read_facts
from layercheck.facts.records import FileFacts
from layercheck.facts.unreadable import Unreadable
from layercheck.graphs.calls import CallGraph
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.imports import ImportGraph
from layercheck.inference.engine import Inference
from layercheck.location import Place
from layercheck.outcome import Unread
from layercheck.pipeline.failures import sentence
from layercheck.program.build import build_program
from layercheck.project.build import build_project
from layercheck.project.model import Project
from layercheck.rules.view import View
from layercheck.sources import Role, Source, SourceTree, discover


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a project.

    ``files`` holds the facts of every file that takes part, by path. ``internal_errors`` are
    sentences about files layercheck failed on although they may be fine.
    """

    tree: SourceTree
    files: dict[str, FileFacts]
    unread: tuple[Unread, ...]
    view: View
    internal_errors: tuple[str, ...]

    @property
    def project(self) -> Project:
        """The program, seen as a FastAPI project."""
        return self.view.project


def analyse(project_root: Path, config: Config) -> Analysis:
    """Read and understand the project in ``project_root``.

    Tests, migrations and scripts take no part. Raises `NothingToAnalyse` without any Python file,
    `UsageError` where a root or pattern of the settings is wrong.
    """
    tree = discover(project_root, config.roots or None, config.exclude)
    with _no_collection():
        files, unread, errors = _read(tree)
        program = build_program(files)
        inference = Inference(program)
        inference.run()
        project = build_project(program, inference, config)
        view = View(
            config, project, ImportGraph(program), CallGraph(inference), ExceptionFlow(inference), unread
        )
    facts = {source.path: facts for source, facts in files}
    return Analysis(tree, facts, unread, view, errors)


def _read(
    tree: SourceTree,
) -> tuple[list[tuple[Source, FileFacts]], tuple[Unread, ...], tuple[str, ...]]:
    files = []
    unread = [Unread(Place(path, 1, 1, 1, 1), reason) for path, reason in tree.skipped]
    errors = []
    for source in tree.sources:
        if source.role is not Role.CODE:
            continue
        try:
            files.append((source, read_facts(source.read(tree.project_root))))
        except Unreadable as error:
            column = error.column + 1
            unread.append(
                Unread(Place(source.path, error.line, column, error.line, column), error.reason)
            )
        except OSError as error:
            unread.append(Unread(Place(source.path, 1, 1, 1, 1), error.strerror or str(error)))
        except Exception as error:
            errors.append(sentence(f"reading {source.path}", error))
    unread.sort(key=lambda one: one.place)
    return files, tuple(unread), tuple(errors)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector off: hardly anything made meanwhile is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
