"""The project's own import-linter contracts, run on the imports layercheck knows already.

Contract types of the project's own would have to be imported, and analysed code never is: they are
told as left out.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from layercheck.graphs.module_imports import ModuleImports, module_imports
from layercheck.location import Place
from layercheck.program.entities import Module
from layercheck.sources.paths import lineage

if TYPE_CHECKING:
    import grimp
    from importlinter import Contract

FILES = ("setup.cfg", ".importlinter", "pyproject.toml")
"""The files import-linter looks into, in its order; the first that speaks of it counts."""

_TYPES = {
    "acyclic_siblings": "AcyclicSiblingsContract",
    "forbidden": "ForbiddenContract",
    "independence": "IndependenceContract",
    "layers": "LayersContract",
    "protected": "ProtectedContract",
}
_OWN_TYPE = "layercheck.frontends.import_linter_contract"


class Cause(enum.Enum):
    """Why something of a contract is reported."""

    BROKEN = "an import or module breaks it"
    CANNOT_RUN = "it cannot be run as it is written"
    LEFT_OUT = "its type is code of its own"


class Link(msgspec.Struct, frozen=True):
    """One module importing another, with the places of the statements."""

    importer: str
    imported: str
    places: tuple[Place, ...]


class Verdict(msgspec.Struct, frozen=True):
    """One reason why a contract is not kept.

    ``file`` is the settings file, relative to the project root, ``contract`` the name in it, empty
    where the file as a whole is meant. ``text`` says what is wrong, ``guidance`` what the contract
    itself advises. ``chain`` leads from the guilty import to what it must not reach; ``others`` are
    further imports that start the same chain.
    """

    file: str
    contract: str
    cause: Cause
    text: str
    guidance: str = ""
    module: str = ""
    chain: tuple[Link, ...] = ()
    others: tuple[Link, ...] = ()


def settings_files(project_root: Path, import_roots: Iterable[str]) -> list[str]:
    """Return the settings files with contracts in or above ``import_roots``, relative to the project root."""
    found = []
    for directory in sorted({directory for root in import_roots for directory in lineage(root)}):
        for name in FILES:
            file = Path(directory, name)
            if _mentions_contracts(project_root / file):
                found.append(file.as_posix())
                break
    return found


def check_contracts(project_root: Path, file: str, modules: list[Module]) -> list[Verdict]:
    """Run the contracts of one settings file over ``modules``; return why those that are not kept are not."""
    from importlinter.api import read_configuration

    try:
        read = read_configuration(str(project_root / file))
    except FileNotFoundError:
        return []
    except KeyError:
        return [Verdict(file, "", Cause.CANNOT_RUN, "names no `root_package`")]
    except Exception as error:
        return [Verdict(file, "", Cause.CANNOT_RUN, f"cannot be read: {_first_line(error)}")]
    return list(_Contracts(file, read["session_options"], modules).check(read["contracts_options"]))


class _Contracts:
    """The contracts of one file at work."""

    def __init__(self, file: str, session: dict[str, Any], modules: list[Module]) -> None:
        roots = session["root_packages"]
        self._file = file
        self._session = session
        self._roots: list[str] = [roots] if isinstance(roots, str) else list(roots)
        self._imports: ModuleImports = module_imports(
            modules,
            self._roots,
            outside=_is_true(session.get("include_external_packages")),
            for_types=not _is_true(session.get("exclude_type_checking_imports")),
        )

    def check(self, contracts: list[dict[str, Any]]) -> Iterator[Verdict]:
        missing = [root for root in self._roots if root not in self._imports.modules]
        if missing:
            yield self._trouble("", f"root package `{missing[0]}` is not among the code")
        elif not contracts:
            yield self._trouble("", "has no contracts")
        else:
            graph = self._imports.as_grimp()
            for options in contracts:
                yield from self._check_one(options, graph)

    def _check_one(self, options: dict[str, Any], graph: grimp.ImportGraph) -> Iterator[Verdict]:
        from importlinter.domain.contract import InvalidContractOptions

        name, kind = str(options.get("name", "")), str(options.get("type", ""))
        if not name or not kind:
            yield self._trouble(name, f"has no `{'type' if name else 'name'}`")
            return
        if kind in self._types_of_its_own():
            if not self._types_of_its_own()[kind].startswith(_OWN_TYPE):
                text = f"is of the type `{kind}`, code of its own that is not run here"
                yield Verdict(self._file, name, Cause.LEFT_OUT, text)
            return
        try:
            contract = _contract_class(kind)(name, self._session, options)
            checked = contract.check(deepcopy(graph), verbose=False)
        except _NoSuchType:
            yield self._trouble(name, f"is of the type `{kind}`, which the installed import-linter lacks")
        except InvalidContractOptions as error:
            told = "; ".join(f"{field}: {text}" for field, text in sorted(error.errors.items()))
            yield self._trouble(name, f"has wrong options: {told}")
        except Exception as error:
            yield self._trouble(name, f"cannot run: {_first_line(error)}")
        else:
            guidance = str(getattr(contract, "broken_contract_guidance", "") or "")
            for text, module, chain, others in _BREACHES[kind](checked.metadata):
                yield Verdict(
                    self._file, name, Cause.BROKEN, text, " ".join(guidance.split()), module,
                    self._links(chain), self._links(others),
                )  # fmt: skip

    def _types_of_its_own(self) -> dict[str, str]:
        written = self._session.get("contract_types", ())
        pairs = [line.partition(": ") for line in ([written] if isinstance(written, str) else written)]
        return {name: path for name, _, path in pairs}

    def _links(self, links: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
        return tuple(Link(*link, self._imports.edges.get(link, ())) for link in links)

    def _trouble(self, contract: str, text: str) -> Verdict:
        return Verdict(self._file, contract, Cause.CANNOT_RUN, text)


class _NoSuchType(Exception):
    """import-linter has no contract type of this name."""


def _contract_class(kind: str) -> type[Contract]:
    try:
        found: type[Contract] = getattr(import_module(f"importlinter.contracts.{kind}"), _TYPES[kind])
    except (KeyError, ModuleNotFoundError):
        raise _NoSuchType(kind) from None
    return found


# What each type of contract says of how it was broken: text, module, chain, further first imports ------

_Edges = Sequence[tuple[str, str]]
_Breach = tuple[str, str, _Edges, _Edges]


def _edge(link: Mapping[str, Any]) -> tuple[str, str]:
    return link["importer"], link["imported"]


def _along(chain: _Edges, others: _Edges = ()) -> _Breach:
    """Return that the start of ``chain`` must not reach its end."""
    start, end = chain[0][0], chain[-1][1]
    through = " -> ".join(imported for _, imported in chain[:-1])
    text = f"`{start}` must not import `{end}`" + (f", here through {through}" if through else "")
    return text, start, chain, others


def _routes(dependencies: list[dict[str, Any]], key: str) -> Iterator[_Breach]:
    found = [route for dependency in dependencies for route in dependency[key]]
    for route in sorted(found, key=lambda route: [_edge(link) for link in route["chain"]]):
        others = [_edge(link) for link in route["extra_firsts"]]
        yield _along([_edge(link) for link in route["chain"]], others)


def _layers(metadata: dict[str, Any]) -> Iterator[_Breach]:
    yield from _routes(metadata["invalid_dependencies"], "routes")
    for module in sorted(metadata["undeclared_modules"]):
        yield f"`{module}` is in none of the layers", module, (), ()


def _independence(metadata: dict[str, Any]) -> Iterator[_Breach]:
    yield from _routes(metadata["invalid_chains"], "chains")


def _forbidden(metadata: dict[str, Any]) -> Iterator[_Breach]:
    chains = {tuple(map(_edge, chain)) for pair in metadata["invalid_chains"] for chain in pair["chains"]}
    yield from map(_along, sorted(chains))


def _protected(metadata: dict[str, Any]) -> Iterator[_Breach]:
    links = {_edge(link) for package in metadata["illegal_imports"] for link in package.illegal_links}
    for importer, imported in sorted(links):
        text = f"`{importer}` is not among those that may import `{imported}`"
        yield text, importer, ((importer, imported),), ()


def _acyclic_siblings(metadata: dict[str, Any]) -> Iterator[_Breach]:
    for package, breakers in sorted(metadata["cycle_breakers_by_package"].items()):
        for importer, imported in sorted(breakers):
            text = f"the import of `{imported}` by `{importer}` closes a cycle inside `{package}`"
            yield text, importer, ((importer, imported),), ()


_BREACHES: dict[str, Callable[[dict[str, Any]], Iterator[_Breach]]] = {
    "acyclic_siblings": _acyclic_siblings,
    "forbidden": _forbidden,
    "independence": _independence,
    "layers": _layers,
    "protected": _protected,
}


def _mentions_contracts(file: Path) -> bool:
    try:
        data = file.read_bytes()
    except OSError:
        return False
    return b"[importlinter]" in data or b"tool.importlinter" in data


def _is_true(value: Any) -> bool:
    """Return what import-linter takes a setting for."""
    return value in (True, "True", "true")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
