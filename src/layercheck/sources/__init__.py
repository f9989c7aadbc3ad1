"""Which files belong to a project, under which module names, in which role."""

from layercheck.sources.discover import discover
from layercheck.sources.project_root import find_project_root
from layercheck.sources.source import Role, Source, SourceTree

__all__ = ["Role", "Source", "SourceTree", "discover", "find_project_root"]
