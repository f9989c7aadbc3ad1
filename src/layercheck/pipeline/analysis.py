"""Reading a project and working out what it is: files, facts, program, types, layers, graphs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from layercheck.cache.facts import FactsCache
from layercheck.cache.store import Store
from layercheck.config.schema import Config
from layercheck.facts.records import FileFacts
from layercheck.graphs.calls import CallGraph
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.imports import ImportGraph
from layercheck.inference.engine import Inference
from layercheck.outcome import Unread
from layercheck.pipeline.collector import collection_off
from layercheck.pipeline.progress import FOLLOWING, UNDERSTANDING, Progress, silent
from layercheck.pipeline.reading import Workers, read_files
from layercheck.program.build import build_program
from layercheck.project.build import build_project
from layercheck.project.model import Project
from layercheck.rules.view import View
from layercheck.sources import SourceTree, discover


class Analysis(msgspec.Struct, frozen=True):
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


def analyse(
    project_root: Path,
    config: Config,
    store: Store | None = None,
    workers: Workers | None = None,
    *,
    tree: SourceTree | None = None,
    unsaved: Mapping[str, bytes] | None = None,
    progress: Progress = silent,
) -> Analysis:
    """Read and understand the project in ``project_root``.

    Tests, migrations and scripts take no part. ``store`` keeps facts from run to run, ``workers``
    share the parsing. ``tree`` are the files where they have been found already, else ``unsaved`` maps
    paths to contents that count instead of those on disk. ``progress`` is told how far it is. Raises
    `NothingToAnalyse` without any Python file, `UsageError` where a root or pattern of the settings is wrong.
    """
    if tree is None:
        tree = discover(project_root, config.roots or None, config.exclude, unsaved or {})
    progress("reading files", 0.0)
    with collection_off():
        read = read_files(tree, FactsCache(store), workers or Workers())
        progress("following calls", FOLLOWING)
        program = build_program(read.files)
        inference = Inference(program)
        inference.run()
        progress("recognising layers", UNDERSTANDING)
        project = build_project(program, inference, config)
        view = View(
            config,
            project,
            ImportGraph(program),
            CallGraph(inference),
            ExceptionFlow(inference),
            tree,
            read.unread,
        )
    facts = {source.path: facts for source, facts in read.files}
    return Analysis(tree, facts, read.unread, view, (*read.internal_errors, *inference.failures.values()))
