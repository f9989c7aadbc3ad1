"""``layercheck graph``: calls, imports and layers as data and as pictures."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from layercheck.errors import ExitCode, UsageError
from layercheck.frontends.maps import analysis_of, config_option, directory_argument, print_json

if TYPE_CHECKING:
    from layercheck.pipeline import Analysis
    from layercheck.report.pictures.drawing import Drawing

FORMATS = ("json", "dot", "mermaid", "svg", "html")
DEPTH = 3
AUTO = "auto"

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Wish(NamedTuple):
    """What was asked for: a format, a part of the graph, a level of detail."""

    output_format: str
    focus: str
    depth: int
    detail: str


def _wishes(*levels: str) -> Callable[[_Command], _Command]:
    """Return what gives a command the options all graphs have; ``levels`` is what can be a node."""
    options = [
        directory_argument,
        config_option,
        click.option("--output-format", type=click.Choice(FORMATS), default="json", show_default=True),
        click.option(
            "--focus", metavar="NAME", default="", help="Only what NAME leads to and what leads to it."
        ),
        click.option(
            "--depth", type=click.IntRange(0), default=DEPTH, show_default=True,
            help="How many arrows away from what is in focus.",
        ),
        click.option(
            "--detail", type=click.Choice((AUTO, *levels)), default=AUTO, show_default=True,
            help="What is a node of the picture; auto: as fine as can be read.",
        ),
    ]  # fmt: skip

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(invoke_without_command=True)
@click.pass_context
def graph(context: click.Context) -> None:
    """Print a graph of the project.

    NAME in --focus is a function, module, package, feature or layer, or a route: "GET /orders".
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(ExitCode.USAGE)


@graph.command()
@_wishes("layers", "features", "modules", "functions")
@click.option("--kinds", is_flag=True, help="Add the kind of each edge.")
@click.option("--unresolved", is_flag=True, help="List the calls nothing is known of, with the reason.")
def calls(directory: Path, config: Path | None, kinds: bool, unresolved: bool, **wishes: Any) -> None:
    """Print which function calls which."""
    from layercheck import pipeline
    from layercheck.frontends.drawings import draw_calls

    wish = Wish(**wishes)
    if unresolved and wish.output_format != "json":
        raise click.UsageError("--unresolved is a list: it can only be printed as json")
    analysis = analysis_of(directory, config)
    if unresolved:
        print_json(pipeline.unresolved_calls(analysis))
        return
    found = pipeline.call_graph(analysis, kinds)
    if wish.output_format == "json" and not wish.focus:
        print_json(found)
        return
    homes, forbidden = pipeline.function_homes(analysis), pipeline.forbidden_calls(analysis)
    drawing = draw_calls(found, homes, forbidden)
    if wish.output_format == "json":
        kept = _names(_focused(drawing, wish, analysis))
        print_json({
            caller: [one for one in callees if (one["callee"] if kinds else one) in kept]
            for caller, callees in found.items()
            if caller in kept
        })
        return
    _print(drawing, _titled("Calls", directory), wish, analysis)


@graph.command()
@_wishes("layers", "features", "modules")
@click.option("--kinds", is_flag=True, help="Add the kind of each edge to the drawing; json has it always.")
def imports(directory: Path, config: Path | None, kinds: bool, **wishes: Any) -> None:
    """Print which module imports which."""
    from layercheck import pipeline
    from layercheck.frontends.drawings import draw_imports

    wish = Wish(**wishes)
    analysis = analysis_of(directory, config)
    found = pipeline.import_graph(analysis)
    if wish.output_format == "json" and not wish.focus:
        print_json(found)
        return
    drawing = draw_imports(pipeline.module_imports(analysis), pipeline.module_homes(analysis), kinds)
    if wish.output_format == "json":
        kept = _names(_focused(drawing, wish, analysis))
        print_json({
            module: [row for row in rows if row["module"] in kept]
            for module, rows in found.items()
            if module in kept
        })
        return
    _print(drawing, _titled("Imports", directory), wish, analysis)


@graph.command()
@_wishes("layers")
def layers(directory: Path, config: Path | None, **wishes: Any) -> None:
    """Print which layer imports from and calls into which, and whether it may."""
    from layercheck import pipeline
    from layercheck.frontends.drawings import draw_layers

    wish = Wish(**wishes)
    analysis = analysis_of(directory, config)
    found = pipeline.layer_graph(analysis)
    if wish.output_format == "json" and not wish.focus:
        print_json(found)
        return
    drawing = draw_layers(found)
    if wish.output_format == "json":
        kept = _names(_focused(drawing, wish, analysis))
        print_json({
            "layers": [row for row in found["layers"] if row["layer"] in kept],
            "edges": [row for row in found["edges"] if {row["source"], row["target"]} <= kept],
        })
        return
    _print(drawing, _titled("Layers", directory), wish, analysis)


def _names(drawing: Drawing) -> set[str]:
    return {node.name for node in drawing.nodes}


def _focused(drawing: Drawing, wish: Wish, analysis: Analysis) -> Drawing:
    from layercheck.report.pictures.folding import focus

    if not wish.focus:
        return drawing
    return focus(drawing, _meant(wish.focus, drawing, analysis), wish.depth)


def _titled(what: str, directory: Path) -> str:
    return f"{what} of {Path(os.path.abspath(directory)).name}"


def _print(drawing: Drawing, title: str, wish: Wish, analysis: Analysis) -> None:
    """Print ``drawing``, as coarse as it must be to be read unless the wish says how fine."""
    from layercheck.report.pictures.folding import finest_readable, fold

    level = drawing.levels[_level(wish.detail, drawing)] if wish.detail != AUTO else ""
    if wish.output_format == "html":
        from layercheck.report.pictures.as_html import Opening, as_html

        start = _meant(wish.focus, drawing, analysis) if wish.focus else ()
        opening = Opening(title, level, wish.focus, tuple(sorted(start)), wish.depth)
        click.echo(as_html(drawing, opening, _handlers(drawing, analysis)), nl=False)
        return
    shown = _focused(drawing, wish, analysis)
    folded = fold(shown, level or finest_readable(shown))
    if not level and folded.levels != shown.levels:
        all_of_it, drawn = shown.levels[-1], folded.levels[-1]
        click.echo(
            f"layercheck: {len(shown.nodes)} {all_of_it} are too many to read, drawn are their {drawn}; "
            f"--detail {all_of_it} draws all, --focus NAME what one of them touches",
            err=True,
        )
    click.echo(_writer(wish.output_format)(folded), nl=False)


def _level(detail: str, drawing: Drawing) -> int:
    """Return which level of ``drawing`` is meant; features are packages where there are none."""
    return drawing.levels.index(detail) if detail in drawing.levels else 1


def _writer(output_format: str) -> Callable[[Drawing], str]:
    if output_format == "dot":
        from layercheck.report.pictures.as_dot import as_dot

        return as_dot
    if output_format == "mermaid":
        from layercheck.report.pictures.as_mermaid import as_mermaid

        return as_mermaid
    from layercheck.report.pictures.as_svg import as_svg

    return as_svg


def _handlers(drawing: Drawing, analysis: Analysis) -> dict[str, str]:
    """Return the node each route of the project starts from."""
    from layercheck import pipeline

    names = _names(drawing)
    starts = {}
    for row in pipeline.route_rows(analysis):
        name = row["handler"].replace(":", ".")
        while name and name not in names:
            name = name.rpartition(".")[0]
        if name:
            starts[f"{row['method']} {row['path']}"] = name
    return starts


def _meant(name: str, drawing: Drawing, analysis: Analysis) -> set[str]:
    """Return the nodes ``name`` means; raises `UsageError` where it means none."""
    dotted = name.replace(":", ".")
    for found in (
        {node.name for node in drawing.nodes if node.name == dotted},
        {node.name for node in drawing.nodes if node.name.startswith(f"{dotted}.")},
        {node.name for node in drawing.nodes if name in node.groups},
    ):
        if found:
            return found
    handlers = _handlers(drawing, analysis)
    routes = {start for route, start in handlers.items() if name in (route, route.partition(" ")[2])}
    if routes:
        return routes
    known = {*_names(drawing), *handlers, *(group for node in drawing.nodes for group in node.groups)}
    near = difflib.get_close_matches(name, sorted(known), 1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UsageError(f"--focus {name}: nothing in this graph is called so{hint}")
