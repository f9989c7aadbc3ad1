"""``layercheck explain`` and ``layercheck rules``: the manual of the rules."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import click

from layercheck.errors import UsageError

if TYPE_CHECKING:
    from layercheck.finding import RuleInfo


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Explain the rule CODE: what, why, an example, options, limits."""
    from layercheck.rules.catalog import rule_infos

    by_name = {name: info for info in rule_infos() for name in (info.code, info.name)}
    wanted = code.upper() if code.upper() in by_name else code.lower()
    if wanted not in by_name:
        near = difflib.get_close_matches(code.upper(), by_name, n=1) or difflib.get_close_matches(
            wanted, by_name, n=1
        )
        hint = f'; did you mean "{near[0]}"?' if near else "; `layercheck rules` lists all"
        raise UsageError(f'unknown rule "{code}"{hint}')
    click.echo(page(by_name[wanted]))


@click.command()
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def rules(output_format: str) -> None:
    """List all rules."""
    from layercheck.rules.catalog import rule_infos

    infos = rule_infos()
    if output_format == "json":
        import msgspec

        click.echo(json.dumps({"rules": msgspec.to_builtins(infos)}, indent=2))
        return
    from layercheck.frontends.tables import table

    rows = [(info.code, info.name, info.severity or "off", info.fix, info.summary) for info in infos]
    click.echo(table(("code", "name", "default", "fix", "finds"), rows), nl=False)


def page(info: RuleInfo) -> str:
    """Return the manual page of a rule as Markdown."""
    default = f"{info.severity} by default" if info.severity else "off by default"
    fix = "no fix" if info.fix == "none" else f"{info.fix} fix"
    head = f"# {info.code} {info.name}\n\n{info.summary}\n\n{default}, {fix}"
    return "\n\n".join([head, *(f"## {title}\n\n{text}" for title, text in info.sections.items())])
