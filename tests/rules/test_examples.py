"""The examples in the manual of the rules: the bad ones fire their rule alone, the good ones none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from layercheck.rules.catalog import RULES
from layercheck.rules.rule import Rule, code_blocks
from small_projects import check, found


def blocks(section: str) -> dict[str, tuple[type[Rule], str]]:
    """Return the examples of one section of every manual, by the code of the rule and their number."""
    return {
        f"{rule.code}-{number}": (rule, text)
        for rule in RULES
        for number, text in enumerate(code_blocks(rule.info().sections[section]), start=1)
    }


BAD = blocks("Example")
GOOD = blocks("Use instead")


_SETTINGS = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def settings(rule: type[Rule]) -> dict[str, Any]:
    """Return the settings of the examples: the rule selected, and what a TOML block among them says."""
    written = _SETTINGS.search(rule.info().sections["Example"])
    return {"extend-select": [rule.code], **(tomllib.loads(written[1]) if written else {})}


@pytest.mark.parametrize(("rule", "text"), BAD.values(), ids=BAD)
def test_the_example_fires_this_rule_alone(rule: type[Rule], text: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, text, settings(rule))
    assert {one.code for one in outcome.new} == {rule.code}


@pytest.mark.parametrize(("rule", "text"), GOOD.values(), ids=GOOD)
def test_what_to_use_instead_is_clean(rule: type[Rule], text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, text, settings(rule))) == []


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_every_rule_shows_both(rule: type[Rule]) -> None:
    sections = rule.info().sections
    assert code_blocks(sections["Example"]) and code_blocks(sections["Use instead"])
