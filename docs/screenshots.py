"""The pictures of the README and the pages, made from ``fixtures/tangled`` as it is.

``python docs/screenshots.py`` writes them to ``docs/images``. The report is shown by a browser: it needs
the extra ``browser`` of this package and Chromium from the system.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
APPLICATION = ROOT / "fixtures" / "tangled"

TERMINAL = ("check", "--quiet", "--select", "LC103,LC202,LC501", "--exit-zero", "--no-cache")
GRAPH = ("graph", "imports", "--output-format", "svg")
WIDTH = 118

_FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}"
height="{terminal_height}"/></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""
"""What rich draws a terminal with, without the letters it would fetch from elsewhere."""
_FLAGS = ["--no-sandbox", "--disable-lcd-text"]
"""Letters in shades of one colour make a smaller file."""


def printed(*arguments: str) -> str:
    """Return what ``layercheck`` prints on the application."""
    command = [sys.executable, "-m", "layercheck", *arguments]
    return subprocess.run(command, cwd=APPLICATION, check=True, capture_output=True, text=True).stdout


def terminal() -> str:
    """Return a terminal with the findings of a few rules, as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    shown = " ".join(("layercheck", *TERMINAL[:4]))
    console.print(Text(f"$ {shown}\n", style="bold"))
    console.print(Text.from_ansi(printed(*TERMINAL, "--color", "always")))
    return console.export_svg(title="layercheck", code_format=_FRAME, unique_id="terminal")


def report(image: Path) -> None:
    """Write a picture of the report, with an arrow of the map chosen, to ``image``."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        page = Path(directory) / "report.html"
        page.write_text(printed("check", "--exit-zero", "--no-cache", "--output-format", "html"), "utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        opened = browser.new_page(viewport={"width": 1440, "height": 800})
        opened.goto(page.as_uri())
        opened.wait_for_selector("body[data-ready]")
        opened.locator("#graph g.cluster", has_text="router").first.dispatch_event("click")
        opened.locator("#selected details.finding", has_text="LC501").locator("summary").click()
        taken = opened.screenshot()
        browser.close()
    Image.open(io.BytesIO(taken)).quantize(64).save(image, optimize=True)


def main() -> None:
    """Write all pictures."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "terminal.svg").write_text(terminal(), "utf-8")
    (IMAGES / "imports.svg").write_text(printed(*GRAPH), "utf-8")
    report(IMAGES / "report.png")


if __name__ == "__main__":
    main()
