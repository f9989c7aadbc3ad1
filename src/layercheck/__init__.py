"""layercheck: an architecture linter for FastAPI code bases."""

__version__ = "0.1.0"
