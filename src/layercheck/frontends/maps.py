"""``layercheck layers`` and ``routes``: what the analysis knows, without judging it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layercheck.frontends.settings import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from layercheck.pipeline import Analysis

UNASSIGNED = "unknown"

directory_argument = click.argument("directory", type=click.Path(path_type=Path), default=Path())
config_option = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file to read instead."
)
_text_or_json = click.option(
    "--output-format", type=click.Choice(("text", "json")), default="text", show_default=True
)


@click.command()
@directory_argument
@config_option
@_text_or_json
@click.option("--unassigned", is_flag=True, help="Only what got no layer.")
def layers(directory: Path, config: Path | None, output_format: str, unassigned: bool) -> None:
    """Show the layer of every module, class and function, and the evidence for it."""
    import msgspec

    from layercheck import pipeline

    analysis = analysis_of(directory, config)
    rows = [
        row
        for row in pipeline.layer_rows(analysis)
        if not unassigned or row.layer == UNASSIGNED
    ]
    if output_format == "json":
        print_json({"layers": msgspec.to_builtins(rows)})
        return
    shown = _shown(analysis)
    _print_table(
        ("element", "layer", "confidence", "evidence", "at"),
        [
            (row.element, row.layer, row.confidence, row.evidence, f"{shown(row.path)}:{row.line}")
            for row in rows
        ],
    )


@click.command()
@directory_argument
@config_option
@_text_or_json
@click.option("--tree", is_flag=True, help="List each route with the dependencies it has, and theirs.")
def routes(directory: Path, config: Path | None, output_format: str, tree: bool) -> None:
    """Show every route with its handler, the layers it reaches and the exceptions it lets out."""
    from layercheck import pipeline

    analysis = analysis_of(directory, config)
    rows = pipeline.route_rows(analysis)
    if output_format == "json":
        print_json({"routes": rows})
        return
    shown = _shown(analysis)
    places = [f"{shown(row['file'])}:{row['line']}" for row in rows]
    if tree:
        for row, place in zip(rows, places, strict=True):
            _print_route(row, place)
        return
    _print_table(
        ("method", "path", "handler", "at", "layers", "exceptions"),
        [
            (
                row["method"],
                row["path"],
                row["handler"],
                place,
                ", ".join(row["layers"]),
                _outcomes(row),
            )
            for row, place in zip(rows, places, strict=True)
        ],
    )


def _shown(analysis: Analysis) -> Callable[[str], str]:
    """Return what turns paths of the analysis into those a terminal can open."""
    from layercheck.frontends.shown_paths import seen_from

    return seen_from(os.getcwd(), analysis.tree.project_root)


def analysis_of(directory: Path, config: Path | None) -> Analysis:
    """Analyse ``directory``, or the project it belongs to.

    A folder of a project with settings, or of a package, is a part of that project. Any other
    folder is taken as the caller names it: a map of what lies below, names dotted from there.
    """
    import msgspec

    from layercheck import pipeline
    from layercheck.sources.project_root import has_settings, is_part_of_package

    settings = settings_for((directory,), config)
    root = settings.project_root
    start = Path(os.path.abspath(directory))
    if config is None and start.is_dir() and not has_settings(root) and not is_part_of_package(start):
        root = start
        settings = msgspec.structs.replace(settings, project_root=root)
    return pipeline.analyse(root, settings)


def _print_route(row: dict[str, Any], place: str) -> None:
    """Print one route, its handler at ``place``, over several lines, its dependencies last."""
    from layercheck.report.style import printable

    lines = [
        f"{row['method']} {row['path']}  {row['handler']}  {place}",
        *([f"  layers: {', '.join(row['layers'])}"] if row["layers"] else []),
        *([f"  exceptions: {_outcomes(row)}"] if row["exceptions"] else []),
        *(["  dependencies:", *_tree(row["dependencies"], 2)] if row["dependencies"] else []),
    ]
    for line in lines:
        click.echo(printable(line))


def _tree(dependencies: list[dict[str, Any]], depth: int) -> list[str]:
    lines: list[str] = []
    for one in dependencies:
        parameter = f" ({one['parameter']})" if one["parameter"] else ""
        lines.append(f"{'  ' * depth}{one['provider']}{parameter}")
        lines.extend(_tree(one["dependencies"], depth + 1))
    return lines


def _outcomes(row: dict[str, Any]) -> str:
    """Return the exceptions a route lets out, each with its status, a question mark where not known."""
    return ", ".join(
        f"{one['exception'].rpartition('.')[2]} -> {one['status'] or '?'}" for one in row["exceptions"]
    )


def print_json(document: object) -> None:
    """Print ``document`` for other programs."""
    click.echo(json.dumps(document, indent=2))


def _print_table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    from layercheck.frontends.tables import table

    click.echo(table(heads, rows), nl=False)
