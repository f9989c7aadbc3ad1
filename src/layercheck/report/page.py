"""What pages of HTML are made of: the files in ``assets``, and data that scripts can read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path
from typing import Any


def asset(name: str) -> str:
    """Return the text of a file in ``assets``."""
    return (resources.files("layercheck.report") / "assets" / name).read_text("utf-8")


def asset_path(name: str) -> AbstractContextManager[Path]:
    """Return the place of a file in ``assets``, for as long as it is needed."""
    return resources.as_file(resources.files("layercheck.report") / "assets" / name)


def filled(page: str, parts: Mapping[str, str]) -> str:
    """Return ``page`` with each ``@@NAME@@`` replaced; what is put in is not looked through."""
    return re.sub("@@([A-Z]+)@@", lambda found: parts[found[1]], page)


def colours() -> str:
    """Return the colours of pages, light and dark."""
    return f':root {{ {asset("light.css")} }}\n[data-theme="dark"] {{ {asset("dark.css")} }}\n'


def data(document: Mapping[str, Any]) -> str:
    """Return ``document`` as JSON that can stand in a script element: no end tag, no comment in it."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def script(text: str) -> str:
    """Return ``text`` so that it can stand in a script element: printable ASCII and line ends alone."""
    closed = text.replace("</script", "<\\/script")
    return _SPECIAL.sub(lambda found: _escaped(found[0]), closed)


_SPECIAL = re.compile(r"[^\n -~]")


def _escaped(char: str) -> str:
    if ord(char) < 0x100:
        return f"\\x{ord(char):02x}"
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
