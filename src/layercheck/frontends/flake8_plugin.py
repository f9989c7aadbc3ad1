"""The flake8 plugin: what `layercheck check` finds in the files flake8 looks at.

flake8 loads it at every start, so it loads nothing itself before flake8 asks about a first file.
"""

from __future__ import annotations

from layercheck import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from typing import Any, ClassVar

    from layercheck.frontends.flake8_projects import Projects

CODES = "LC"

LISTS = ("select", "extend-select", "ignore")
"""Options that are lists of codes, as `layercheck check` calls them."""


class Plugin:
    """What flake8 makes for each file. The options of the call are kept on the class, as flake8 asks."""

    name = "layercheck"
    version = __version__
    projects: ClassVar[Projects | None] = None

    def __init__(self, tree: object, filename: str, lines: Sequence[str]) -> None:
        """Take the file called ``filename``; ``tree`` makes flake8 ask once for a file, it is not read."""
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: Any) -> None:
        """Declare the options to flake8's option manager, for the command line and for its settings."""
        for name in LISTS:
            manager.add_option(
                f"--layercheck-{name}", default="", metavar="CODES", parse_from_config=True,
                comma_separated_list=True, help=f"as --{name} of `layercheck check`",
            )  # fmt: skip
        manager.add_option(
            "--layercheck-preset", default=None, metavar="NAME", parse_from_config=True,
            help="as --preset of `layercheck check`",
        )  # fmt: skip
        for name in ("config", "baseline", "cache-dir"):
            manager.add_option(
                f"--layercheck-{name}", default=None, metavar="PATH", parse_from_config=True,
                normalize_paths=True, help=f"as --{name} of `layercheck check`",
            )  # fmt: skip

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take what was given; nothing is analysed before the first file."""
        cls.projects = None
        if _is_wanted(options):
            from layercheck.frontends.flake8_projects import Projects

            cls.projects = Projects(options, LISTS)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield what there is to say of the file."""
        for line, column, text in self.projects.rows(self._filename, self._lines) if self.projects else ():
            yield line, column, text, type(self)


def _is_wanted(options: argparse.Namespace) -> bool:
    """Return whether flake8 would show any of the codes; a project nobody asks for is not analysed."""

    def speaks(*keys: str, of_all: bool = False) -> bool:
        codes = [code for key in keys for code in getattr(options, key) or ()]
        return any(CODES.startswith(code) or (not of_all and code.startswith(CODES)) for code in codes)

    asked = speaks("select", "extend_select")
    return asked or not (options.select or speaks("ignore", "extend_ignore", of_all=True))
