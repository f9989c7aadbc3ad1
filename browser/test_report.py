"""The HTML report in a real browser: it draws, clicks work, nothing complains, hostile text stays text.

Not part of the other tests, as a browser cannot be installed by pip: Debian's ``chromium`` does.

    pip install '.[browser]' && pytest browser
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from layercheck.finding import Finding, Severity, Step
from layercheck.frontends.cli import main
from layercheck.location import Place
from layercheck.outcome import Judged, MapModule, Outcome, ProjectMap, Summary
from layercheck.report.as_html import render
from layercheck.report.style import Options

FIXTURES = Path(__file__).parent.parent / "fixtures"
HOSTILE = "<img src=x onerror=\"window.hurt = 1\"></script><script>window.hurt = 1</script>{{constructor}}"


def report_of(name: str, directory: Path) -> str:
    """Write the report of a fixture and return its address."""
    file = directory / "report.html"
    root = str(FIXTURES / name)
    main(["check", root, "--exit-zero", "--no-cache", "--quiet", "--output-file", f"html={file}"])
    return file.as_uri()


def opened(page: Page, address: str) -> None:
    """Open a report and wait until it is drawn."""
    page.goto(address)
    page.wait_for_selector("body[data-ready]")


def write(told: Outcome, directory: Path) -> str:
    """Write the report of an outcome and return its address."""
    file = directory / "report.html"
    file.write_text(render(told, Options()), "utf-8")
    return file.as_uri()


def outcome(findings: tuple[Finding, ...], modules: tuple[MapModule, ...]) -> Outcome:
    """Return an outcome with a map of ``modules``."""
    summary = Summary(1, 1, (), 1, 1, 0, 0, 0, ())
    judged = tuple(map(Judged, findings))
    known = ProjectMap(modules, (), ())
    return Outcome("shop", "1", judged, (), (), (), (), summary, {}, map=known)


def finding(at: int, text: str = "takes a session") -> Finding:
    """Return a finding in module ``at``."""
    place = Place(f"app/m{at}.py", 1, 1, 1, 2)
    return Finding(
        code="LC104", name="router-holds-session", severity=Severity.WARNING, place=place, message=text,
        help=text, element=text, layer="router", target=f"app.m{at + 1}",
        chain=(Step(place, text, "router", "call", text),), evidence=(text,),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["flat", "layered", "tangled", "by_feature", "crud"])
def test_every_fixture_is_drawn(page: Page, tmp_path: Path, name: str) -> None:
    opened(page, report_of(name, tmp_path))
    bands = page.locator("#graph g.cluster > text")
    expect(bands.first).to_be_visible()
    assert {"app", "entity"} <= set(bands.all_text_contents())
    assert page.locator("#graph g.node").count() > 0


def test_a_click_on_an_arrow_shows_its_findings_and_their_chains(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    arrows = page.locator("#graph g.edge.forbidden")
    expect(arrows.first).to_be_visible()
    for arrow in arrows.all():
        arrow.dispatch_event("click")
        number = int(arrow.locator("text").text_content() or "")
        expect(page.locator("#selected details.finding")).to_have_count(number)
    first = page.locator("#selected details.finding").first
    first.locator("summary").click()
    expect(first.locator(".body")).to_contain_text("Help:")
    page.keyboard.press("Escape")
    expect(page.locator("#selected details.finding")).to_have_count(0)


def test_a_click_with_the_mouse_selects_a_box(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    box = page.locator("#graph g.node.error").first
    box.click()
    expect(box).to_have_class(re.compile("chosen"))
    assert page.locator("#selected details.finding").count() > 0


def test_an_arrow_can_be_hit_with_the_mouse(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    arrow = page.locator("#graph g.edge.forbidden").first
    expect(arrow).to_be_visible()
    where = arrow.locator("path.hit").evaluate(
        """(path) => {
            const middle = path.getPointAtLength(path.getTotalLength() / 2);
            const there = middle.matrixTransform(path.getScreenCTM());
            return [there.x, there.y + 4];
        }"""
    )
    page.mouse.click(*where)
    assert page.locator("#selected details.finding").count() > 0


def test_the_picture_works_from_the_keyboard(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    box = page.locator("#graph g.node.error").first
    box.focus()
    page.keyboard.press("Enter")
    assert page.locator("#selected details.finding").count() > 0


def test_a_band_shows_what_its_layer_does_wrong(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    page.locator("#graph g.cluster", has_text="service").first.dispatch_event("click")
    wanted = page.evaluate(
        "visibleFindings().filter((one) => one.source >= 0 && data.modules[one.source].layer === 'service').length"
    )
    assert wanted > 0
    expect(page.locator("#selected details.finding")).to_have_count(wanted)


def test_layers_unfold(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("by_feature", tmp_path))
    # so many features that they cannot be read all at once
    page.evaluate(
        """for (let at = 0; at < 200; at += 1) {
            data.modules.push({ name: `app.f${at}.router`, layer: "router", feature: `f${at}`, path: "" });
        }"""
    )
    page.check("#clean")
    page.select_option("#detail", "auto")
    before = page.locator("#graph g.node").count()
    page.locator("#graph g.node", has_text="service").click()
    page.get_by_role("button", name="Unfold").click()
    assert page.locator("#graph g.node").count() > before


def test_filters_and_search(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    page.keyboard.press("2")
    everything = page.locator("#findings details.finding").count()
    page.select_option("#rule", "LC202")
    expect(page.locator("#findings details.finding:not(:has-text('LC202'))")).to_have_count(0)
    of_rule = page.locator("#findings details.finding").count()
    page.select_option("#rule", "")
    page.uncheck("input[value=error]")
    expect(page.locator("#findings details.finding.error")).to_have_count(0)
    page.check("input[value=error]")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("nothing is called so")
    expect(page.locator("#findings .hint")).to_have_text("No findings.")
    assert 0 < of_rule < everything


def test_routes_open_to_their_dependencies_and_exceptions(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("layered", tmp_path))
    page.keyboard.press("3")
    row = page.locator("tr.route", has_text="/users/{user_id}").filter(has_text="DELETE")
    expect(row).to_contain_text("UserNotFound → 404")
    row.click()
    details = page.locator("#routes tr.details")
    expect(details).to_contain_text("app.dependencies.get_user_service")
    expect(details.locator("ul.tree ul.tree")).to_contain_text("app.database.get_db")
    row.click()
    expect(details).to_have_count(0)


def test_keys_walk_through_the_findings(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    page.keyboard.press("2")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#findings details.finding").nth(1)).to_have_attribute("open", "")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#findings details.finding").nth(0)).to_have_attribute("open", "")


def test_light_and_dark(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    opened(page, report_of("flat", tmp_path))
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    page.keyboard.press("t")
    assert (dark, page.evaluate(colour)) == ("rgb(20, 24, 30)", "rgb(255, 255, 255)")


def test_on_paper_everything_is_there(page: Page, tmp_path: Path) -> None:
    opened(page, report_of("tangled", tmp_path))
    number = page.evaluate("visibleFindings().length")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#findings details.finding")).to_have_count(number)
    expect(page.locator("#findings")).to_be_visible()
    expect(page.locator("#routes")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()


def test_hostile_text_stays_text(page: Page, tmp_path: Path) -> None:
    module = MapModule(HOSTILE, "app/m0.py", "router", HOSTILE)
    opened(page, write(outcome((finding(0, HOSTILE),), (module,)), tmp_path))
    page.keyboard.press("2")
    page.locator("#findings summary").first.click()
    expect(page.locator("#findings")).to_contain_text("onerror")
    for key in "1234":
        page.keyboard.press(key)
    assert page.evaluate("window.hurt === undefined && document.images.length === 0")


def test_a_large_project_stays_smooth(page: Page, tmp_path: Path) -> None:
    layers = ("router", "service", "repository", "entity")
    modules = tuple(
        MapModule(f"app.m{at}", f"app/m{at}.py", layers[at % 4], f"f{at // 20}") for at in range(1500)
    )
    findings = tuple(
        msgspec.structs.replace(finding(at % 1500), element=f"app.m{at % 1500}.f{at}") for at in range(5000)
    )
    opened(page, write(outcome(findings, modules), tmp_path))
    took = {
        "modules": "byId('detail').value = 'auto'; drawMap()",
        "groups": "byId('detail').value = 'groups'; drawMap()",
        "search": "byId('search').value = 'm77'; filtersChanged()",
        "list": "byId('search').value = ''; show('findings')",
    }
    seconds = {
        name: page.evaluate(f"(() => {{ const t = performance.now(); {code}; return (performance.now() - t) / 1000 }})()")
        for name, code in took.items()
    }
    # a person waits for a picture, not for a list
    assert max(seconds["modules"], seconds["groups"], seconds["search"]) < 10 and seconds["list"] < 2, seconds
    assert page.locator("#findings details.finding").count() < 5000
    page.evaluate("void document.querySelector('#findings').scrollTo(0, 1e7)")
    expect(page.locator("#findings details.finding").nth(150)).to_be_attached()
