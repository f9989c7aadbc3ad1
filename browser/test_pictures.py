"""The pages of ``layercheck graph``: drawn, folded and unfolded, around what one looks for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from layercheck.report.pictures.as_html import Opening, as_html
from layercheck.report.pictures.drawing import Arrow, Drawing, Node

FIXTURES = Path(__file__).parent.parent / "fixtures"
HOSTILE = "<img src=x onerror=\"window.hurt = 1\"></script><script>window.hurt = 1</script>\\N\\l"
READY = "body[data-ready]"


def opened(page: Page, directory: Path, *arguments: str) -> Page:
    """Open what ``layercheck graph`` writes."""
    file = directory / "graph.html"
    command = [sys.executable, "-m", "layercheck", "graph", *arguments, "--output-format", "html"]
    file.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    page.goto(file.as_uri())
    page.wait_for_selector(READY)
    return page


def drawn(page: Page, directory: Path, drawing: Drawing, level: str = "") -> Page:
    """Open the page of ``drawing``."""
    file = directory / "graph.html"
    file.write_text(as_html(drawing, Opening("Shop", level, "", (), 3), {}), "utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector(READY)
    return page


def boxes(page: Page) -> Locator:
    return page.locator("#graph g.node")


@pytest.mark.parametrize("graph", ["layers", "imports", "calls"])
@pytest.mark.parametrize("name", ["flat", "layered", "tangled", "by_feature"])
def test_every_graph_of_every_fixture_is_drawn(page: Page, tmp_path: Path, graph: str, name: str) -> None:
    opened(page, tmp_path, graph, str(FIXTURES / name))
    assert boxes(page).count() > 0
    heights = page.locator("#graph g.node text").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 11, "letters that small cannot be read"


def test_a_click_shows_what_uses_a_module_and_what_it_uses(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "imports", str(FIXTURES / "layered"))
    page.locator("#graph g.node", has=page.locator("text", has_text="services.user")).first.click()
    aside = page.locator("#selected")
    expect(aside).to_contain_text("app.services.user")
    expect(aside).to_contain_text("Uses")
    expect(aside).to_contain_text("Used by")
    aside.locator("button.link").first.click()
    expect(aside.locator("h2").first).not_to_contain_text("app.services.user")
    page.keyboard.press("Escape")
    expect(aside).to_contain_text("Selection")


def test_groups_fold_and_unfold(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "imports", str(FIXTURES / "by_feature"), "--detail", "layers")
    before = boxes(page).count()
    page.locator("#graph g.node", has_text="router:").click()
    page.get_by_role("button", name="Unfold").click()
    unfolded = boxes(page).count()
    assert unfolded > before
    page.get_by_role("button", name="Fold", exact=True).click()
    expect(boxes(page)).to_have_count(before)


def test_the_keyboard_reaches_boxes(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "imports", str(FIXTURES / "by_feature"), "--detail", "layers")
    before = boxes(page).count()
    page.locator("#graph g.node", has_text="service:").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#selected h2").first).to_have_text("service")
    page.locator("#graph g.node", has_text="service:").focus()
    page.keyboard.press("Space")
    assert boxes(page).count() > before


def test_a_focus_on_a_route_and_how_far_it_reaches(page: Page, tmp_path: Path) -> None:
    route = "DELETE /users/{user_id}"
    opened(page, tmp_path, "calls", str(FIXTURES / "layered"), "--focus", route, "--depth", "1")
    near = boxes(page).count()
    page.fill("#depth", "3")
    page.locator("#depth").press("Enter")
    assert boxes(page).count() > near
    page.fill("#focus", "")
    page.locator("#focus").press("Enter")
    expect(page.locator("#counts")).to_contain_text(" of ")
    page.fill("#focus", "nothing is called so")
    page.locator("#focus").press("Enter")
    expect(page.locator("#counts")).to_have_text("nothing is called so")


def test_only_what_is_forbidden(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "imports", str(FIXTURES / "tangled"))
    page.check("#forbidden")
    edges = page.locator("#graph g.edge.forbidden")
    assert edges.count() > 0
    shown = page.evaluate("shown.lines.filter((line) => line.allowed).length")
    assert shown == 0


def test_light_and_dark(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    opened(page, tmp_path, "layers", str(FIXTURES / "flat"))
    colour = "getComputedStyle(document.querySelector('#graph g.node path')).fill"
    dark = page.evaluate(colour)
    page.keyboard.press("t")
    assert (dark, page.evaluate(colour)) == ("rgb(20, 24, 30)", "rgb(255, 255, 255)")


def test_hostile_names_stay_text(page: Page, tmp_path: Path) -> None:
    nodes = (Node(HOSTILE, HOSTILE, (HOSTILE, "a")), Node("b", "b", (HOSTILE, "b")))
    drawn(page, tmp_path, Drawing(nodes, (Arrow("b", HOSTILE, HOSTILE),), ("layers", "packages", "modules")))
    hostile = page.locator("#graph g.node", has=page.locator("text", has_text="onerror"))
    expect(hostile.locator("text")).to_have_text(HOSTILE)
    hostile.click()
    expect(page.locator("#selected")).to_contain_text("onerror")
    assert page.evaluate("window.hurt === undefined && document.images.length === 0")


def test_a_large_project_is_drawn_by_layers_and_never_all_at_once(page: Page, tmp_path: Path) -> None:
    layers = ("router", "service", "repository")
    nodes = tuple(
        Node(f"app.m{at}", f"m{at}", (layers[at * 3 // 1500], f"p{at % 40}")) for at in range(1500)
    )
    arrows = tuple(Arrow(f"app.m{at}", f"app.m{at * 7 % 1500}") for at in range(1500))
    drawn(page, tmp_path, Drawing(nodes, arrows, ("layers", "packages", "modules")))
    expect(boxes(page)).to_have_count(3)
    page.select_option("#detail", "2")
    expect(page.locator("#graph")).to_contain_text("too much to draw")
