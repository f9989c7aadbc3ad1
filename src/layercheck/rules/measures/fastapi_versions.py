"""What depends on the version of FastAPI a project runs with."""

from __future__ import annotations

from pathlib import Path

from layercheck.program.entities import Entity
from layercheck.rules.view import View
from layercheck.sources.requirements import Versions, versions_of


def fastapi_versions(view: View, element: Entity) -> Versions | None:
    """Return the versions ``element`` may run with, by the settings or by files; None if nobody tells."""
    told = view.config.option("LC408", "fastapi-version", "")
    if told:
        return Versions.parse(told)
    root = Path(view.tree.project_root)
    return versions_of("fastapi", root / element.module.path, root)


def exits_late(versions: Versions | None) -> bool | None:
    """Return whether the code behind ``yield`` runs after the response, None where that is not known.

    Background tasks run before it then, for they are part of the response.
    """
    return versions.all_are(_is_late) if versions is not None else None


def _is_late(release: tuple[int, ...]) -> bool:
    return release < (0, 106) or release >= (0, 118)
