"""Which rules run, how loud they are, and how they document themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from layercheck.config.load import load
from layercheck.config.schema import Config
from layercheck.finding import Finding, RuleInfo, Severity
from layercheck.location import Place
from layercheck.rules import catalog
from layercheck.rules.catalog import Selected, codes, rule_infos, selected
from layercheck.rules.rule import Rule, code_blocks
from layercheck.rules.view import View

ERROR, WARNING, ADVICE = Severity.ERROR, Severity.WARNING, Severity.ADVICE


class Loud(Rule):
    """An error
    by default.

    ## What it does
    Finds `print`.

    ## Why is this bad
    Noise.

    ## Example
    ```python
    print(1)
    ```

    ## Use instead
    ```python
    log(1)
    ```
    or
    ```python
    pass
    ```

    ## Options
    None.
    """

    code = "LC101"
    name = "loud-rule"
    severity: ClassVar[Severity | None] = ERROR
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        yield self.report(ERROR)

    def report(self, severity: Severity | None) -> Finding:
        return self.finding(
            Place("a.py", 1, 1, 1, 2),
            "prints",
            help="log",
            element="a.f",
            layer="router",
            target="print",
            severity=severity,
        )


class Soft(Loud):
    code = "LC102"
    name = "soft-rule"
    severity = WARNING


class Silent(Loud):
    code = "LC105"
    name = "silent-rule"
    severity = None


class Other(Loud):
    code = "LC501"
    name = "other-rule"
    severity = ERROR


CATALOGUE: tuple[type[Rule], ...] = (Loud, Soft, Silent, Other)


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let four rules be all there are."""
    monkeypatch.setattr(catalog, "RULES", CATALOGUE)


def config(settings: Mapping[str, Any]) -> Config:
    return load(Path("/nowhere"), None, settings, known_codes=codes())


SELECTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "default leaves out what is off": ({}, ["LC101", "LC102", "LC501"]),
    "start of codes": ({"select": ["LC1"]}, ["LC101", "LC102"]),
    "code of a rule that is off": ({"select": ["LC105"]}, ["LC105"]),
    "extend by a rule that is off": ({"extend-select": ["LC105"]}, ["LC101", "LC102", "LC105", "LC501"]),
    "start of codes does not turn on": ({"extend-select": ["LC10"]}, ["LC101", "LC102", "LC501"]),
    "all, those that are off too": ({"select": ["ALL"]}, ["LC101", "LC102", "LC105", "LC501"]),
    "all but some": ({"select": ["ALL"], "ignore": ["LC1"]}, ["LC501"]),
    "none but some": ({"select": ["LC102", "LC501"], "ignore": ["ALL"]}, ["LC102", "LC501"]),
    "severity off wins over all": (
        {"select": ["ALL"], "severity": {"LC101": "off"}}, ["LC102", "LC105", "LC501"],
    ),
    "ignore": ({"ignore": ["LC101"]}, ["LC102", "LC501"]),
    "ignore a start": ({"ignore": ["LC1"]}, ["LC501"]),
    "extend-ignore": ({"ignore": ["LC101"], "extend-ignore": ["LC5"]}, ["LC102"]),
    "the longer selector wins": ({"select": ["LC", "LC102"], "ignore": ["LC1"]}, ["LC102", "LC501"]),
    "ignoring wins over an equal selector": ({"select": ["LC1"], "ignore": ["LC1"]}, []),
    "severity off": ({"severity": {"LC101": "off"}}, ["LC102", "LC501"]),
    "severity off wins over a selector": ({"select": ["LC101"], "severity": {"LC101": "off"}}, []),
    "a severity turns on": ({"severity": {"LC105": "advice"}}, ["LC101", "LC102", "LC105", "LC501"]),
    "flat preset": ({"preset": "flat"}, ["LC501"]),
}  # fmt: skip


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("settings", "expected"), SELECTIONS.values(), ids=SELECTIONS)
def test_selection(settings: dict[str, Any], expected: list[str]) -> None:
    chosen = selected(config(settings))
    assert [one.rule.code for one in chosen] == expected


@pytest.mark.usefixtures("catalogue")
def test_the_call_is_judged_on_top_of_the_file_and_the_file_on_top_of_the_preset(tmp_path: Path) -> None:
    (tmp_path / "layercheck.toml").write_text(
        'preset = "flat"\nextend-select = ["LC1"]\nignore = ["LC102"]\n'
    )

    def run(**overrides: Any) -> list[str]:
        settings = {key.replace("_", "-"): value for key, value in overrides.items()}
        found = load(tmp_path, None, settings, known_codes=codes())
        return [one.rule.code for one in selected(found)]

    assert run() == ["LC101", "LC501"]
    assert run(extend_select=["LC102"]) == ["LC101", "LC102", "LC501"]
    assert run(ignore=["LC1"]) == ["LC501"]
    assert run(select=["LC102"]) == ["LC102"]


SEVERITIES: dict[str, tuple[type[Rule], dict[str, str], Severity]] = {
    "own": (Loud, {}, ERROR),
    "own when named": (Silent, {}, WARNING),
    "set": (Soft, {"LC102": "error"}, ERROR),
    "set for a rule that is off": (Silent, {"LC105": "advice"}, ADVICE),
}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("rule", "severity", "expected"), SEVERITIES.values(), ids=SEVERITIES)
def test_severity(rule: type[Rule], severity: dict[str, str], expected: Severity) -> None:
    found = selected(config({"select": [rule.code], "severity": severity}))
    assert [(one.rule.code, one.severity) for one in found] == [(rule.code, expected)]


WEIGHED: dict[str, tuple[type[Loud], Severity, Severity | None, Severity]] = {
    "untouched": (Loud, ERROR, None, ERROR),
    "rule judged it weaker": (Loud, ERROR, WARNING, WARNING),
    "rule judged it louder": (Soft, WARNING, ERROR, ERROR),
    "settings raise": (Soft, ERROR, None, ERROR),
    "settings lower": (Loud, ADVICE, None, ADVICE),
    "settings raise what the rule judged weaker": (Soft, ERROR, ADVICE, ADVICE),
    "settings lower below what the rule judged weaker": (Loud, ADVICE, WARNING, ADVICE),
    "settings lower what the rule judged louder": (Soft, ADVICE, ERROR, ADVICE),
}


@pytest.mark.parametrize(("rule", "settings", "judged", "expected"), WEIGHED.values(), ids=WEIGHED)
def test_weighing(rule: type[Loud], settings: Severity, judged: Severity | None, expected: Severity) -> None:
    one = rule()
    assert Selected(one, settings).weigh(one.report(judged)) == one.report(expected)


def test_a_rule_documents_itself() -> None:
    example = "```python\nprint(1)\n```"
    instead = "```python\nlog(1)\n```\nor\n```python\npass\n```"
    assert Loud.info() == RuleInfo(
        code="LC101",
        name="loud-rule",
        severity=ERROR,
        summary="An error by default.",
        sections={
            "What it does": "Finds `print`.",
            "Why is this bad": "Noise.",
            "Example": example,
            "Use instead": instead,
            "Options": "None.",
        },
        fix="unsafe",
    )
    assert (code_blocks(example), code_blocks(instead)) == (("print(1)\n",), ("log(1)\n", "pass\n"))


class Unfinished(Loud):
    """Says little.

    ## What it does
    Nothing.

    ## Examples
    None.
    """


@pytest.mark.parametrize("rule", [Unfinished, Soft], ids=["missing and unknown headings", "no docstring"])
def test_a_docstring_that_lacks_something_is_told(rule: type[Rule]) -> None:
    with pytest.raises(ValueError, match=f"{rule.code}: the docstring lacks .*Why is this bad"):
        rule.info()


def test_the_catalogue_is_sorted_and_complete_in_itself() -> None:
    assert list(codes()) == sorted(set(codes()))
    assert [info.code for info in rule_infos()] == list(codes())
