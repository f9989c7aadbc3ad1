"""What names say: words in class, file and directory names, and the layers they stand for.

Words are data. A word is *ambiguous* where a feature may be called so (a ``session`` of a course, a
``task`` of a to-do list): below a directory that names a layer it is a feature. A word *needs proof*
where projects use it for anything: routes for router words, a task decorator for task words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from layercheck.project.model import Assignment, Confidence


class Word(msgspec.Struct, frozen=True):
    """A word of a file or directory name and the layer it stands for.

    ``ambiguous`` is true for a noun that may be a feature, ``proof`` names the evidence without
    which the word says nothing: ``routes``, ``no routes`` (below any directory of this name), ``tasks``,
    ``no tasks``, ``exceptions``, ``classes``, ``data``, ``values``, ``models``, ``no wiring``, ``calls``
    (by handlers), ``wiring``, ``sessions`` or ``top`` (no directory says anything). ``ends`` is true for a
    word that only ends a longer name.
    """

    text: str
    layer: str
    confidence: Confidence = Confidence.STRONG
    ambiguous: bool = False
    proof: str = ""
    ends: bool = False


def _words(layer: str, texts: str, **settings: object) -> dict[str, Word]:
    return {text: Word(text, layer, **settings) for text in texts.split()}  # type: ignore[arg-type]


_EVERYWHERE: Mapping[str, Word] = {
    **_words(
        "router", "router routers routes route endpoint endpoints entrypoints views resources", proof="routes"
    ),
    **_words("router", "view resource", proof="routes", ambiguous=True),
    **_words("service", "controller controllers", confidence=Confidence.MEDIUM, proof="calls"),
    **_words("service", "handler handlers", confidence=Confidence.MEDIUM, proof="calls", ambiguous=True),
    **_words("dependency", "deps dep depends dependencies dependency"),
    **_words("dependency", "provider providers container containers ioc", ambiguous=True, proof="wiring"),
    **_words("service", "services use_case use_cases usecase usecases interactor interactors"),
    **_words("service", "service logic", ambiguous=True),
    **_words("service", "command commands", ambiguous=True, proof="no tasks"),
    **_words("repository", "repository repositories repo repos crud cruds dao daos"),
    **_words("repository", "queries query_service", confidence=Confidence.WEAK),
    **_words("entity", "models entities orm tables"),
    **_words("entity", "model entity aggregates value_objects", ambiguous=True),
    **_words("schema", "schemas dto dtos"),
    **_words("schema", "schema", proof="schemas"),
    **_words("schema", "serializers", proof="data"),
    **_words("schema", "payloads", ambiguous=True),
    **_words("exception", "exceptions exception errors", proof="exceptions"),
    **_words("exception", "error", ambiguous=True, proof="exceptions"),
    **_words("task", "tasks task worker workers job jobs", ambiguous=True, proof="tasks"),
    **_words("task", "scheduled cron celery_tasks background_jobs"),
    **_words("database", "database databases db session sessions", ambiguous=True, proof="database"),
    **_words("database", "engine", ambiguous=True, proof="sessions"),
    **_words("config", "config configs settings configuration conf", ambiguous=True, proof="no wiring"),
    **_words("util", "utils util helpers helper constants constant enums consts"),
    **_words("infrastructure", "infrastructure adapters mailer"),
    **_words("infrastructure", "clients gateways integrations", ambiguous=True),
    **_words(
        "infrastructure",
        "client gateway adapter integration redis kafka rabbitmq mail email cache storage s3",
        ambiguous=True, confidence=Confidence.MEDIUM,
    ),
}  # fmt: skip
"""Words of file names and, one step weaker, of directory names."""

FILE_WORDS: Mapping[str, Word] = {
    **_EVERYWHERE,
    **_words("entity", "models", proof="classes"),
    **_words("entity", "model", ambiguous=True, proof="classes"),
    **_words(
        "util", "types enum security logging logger log", ambiguous=True, confidence=Confidence.MEDIUM
    ),
    **_words("util", "common", ambiguous=True, confidence=Confidence.MEDIUM, proof="helpers"),
    **_words("app", "asgi wsgi lifespan bootstrap __main__ app_factory", confidence=Confidence.MEDIUM),
    **_words("app", "main", confidence=Confidence.MEDIUM, proof="top"),
    **_words("database", "db_session database_session async_session session_maker sessionmaker db_engine"),
    **_words("script", "init_db initial_data pre_start seed seeds seeder prestart create_superuser"),
    **_words("task", "cli", ambiguous=True, proof="tasks"),
}
"""Words of file names, whole or as the last part."""

DIRECTORY_WORDS: Mapping[str, Word] = {
    **_EVERYWHERE,
    **_words("infrastructure", "infra external", confidence=Confidence.MEDIUM),
    **_words("database", "persistence", proof="database"),
    **_words("service", "application", confidence=Confidence.MEDIUM, ambiguous=True, proof="no routes"),
    **_words("repository", "query", confidence=Confidence.WEAK, ambiguous=True),
    **_words("entity", "domain", confidence=Confidence.WEAK),
    **_words("util", "lib libs", confidence=Confidence.WEAK),
    **_words("service", "service"),
    **_words("entity", "model entity"),
    **_words("schema", "schema", proof="schemas"),
    **_words("script", "seed seeds seeder seeders fixtures", ambiguous=True, confidence=Confidence.MEDIUM),
}
"""Words of directory names; what may be a feature as a file is a layer as a directory."""

FIRST_PARTS: Mapping[str, Word] = {
    **_words("repository", "crud repo repository dao", confidence=Confidence.MEDIUM),
    **_words("service", "service usecase", confidence=Confidence.MEDIUM),
    **_words("router", "router routes controller", confidence=Confidence.MEDIUM, proof="routes"),
    **_words("script", "seed", confidence=Confidence.MEDIUM),
}
"""Words a file name may begin with: ``crud_user``."""

_LONG_NAME = 3
"""A longer name that begins with a service is about one: ``service_router_worker_sync``."""

WHOLE_NAMES = frozenset({
    "session", "sessions", "engine", "main", "conf", "email", "mail", "application", "domain",
})  # fmt: skip
"""Words that say nothing at the end of a longer name: ``auth_session``, ``verify_email``."""

_PREPOSITIONS = frozenset({"to", "from", "with", "for", "in", "into", "of"})
"""Words after which a noun is only what something is done with: ``upload_to_s3``."""

CLEAR_ENDINGS = frozenset({"util", "exception", "schema", "repository"})
"""Layers whose words are never ambiguous at the end of a longer name; ``shared_services`` is."""

_ENDING_PROOFS = {"schema": "classes", "config": "values", "entity": "models"}
"""What the words of some layers need where they only end a longer name."""

FEATURE_LAYERS = frozenset({
    "router", "service", "repository", "entity", "schema", "dependency", "exception", "task",
})  # fmt: skip
"""Layers whose directories hold one file per feature, named like the feature."""

SCHEDULERS = ("scheduler", "schedulers", "scheduling")
"""Directory names, or their last part, below which tasks run by themselves."""

NO_DIRECTORY_WORDS = frozenset({"core", "common", "shared", "app", "src", "api"})
"""Directories that say nothing."""

_QUALIFIERS = ("Adapter", "Impl", "Implementation", "Port", "Protocol", "Interface", "Base", "ABC")
"""Last words of a class or file name that say how it stands to others; the layer is in the word before."""

_CLASS_SUFFIXES = (
    ("service", ("Service", "Services", "UseCase", "UseCases", "Interactor")),
    ("repository", ("Repository", "Repositories", "Repo", "Dao", "DAO", "CRUD", "Crud")),
    ("exception", ("Error", "Exception")),
    ("infrastructure", ("Client", "Gateway", "Adapter")),
)  # fmt: skip
_CLASS_PREFIXES = (("repository", ("CRUD", "Crud")),)

WEAK_SUFFIXES = ("Manager", "Handler", "Controller")
"""Class names that mean anything."""

ABSTRACT_WORDS = frozenset(
    {"base", "generic", "abstract", "interface", "interfaces", "ports", "port", "protocols"}
)
"""Names of files and directories whose classes are what their subclasses are."""

_SEEDING = re.compile(
    r"_?(init_(db|database|data)|(seed|populate)(_\w+)?"
    r"|create_(initial|first|default)_\w+|insert_initial_\w+)"
)


def class_word(name: str) -> tuple[str, str] | None:
    """Return the layer the name of a class stands for and the word that says so.

    A base class of a layer bears the word first: ``RepositoryGeneric``, ``ServiceBase``.
    """
    plain = name.strip("_")
    qualifier = next((word for word in _QUALIFIERS if plain.endswith(word)), "")
    if qualifier:
        found = class_word(plain.removesuffix(qualifier))
        if found is not None and found[1].startswith("*") and _is_qualified(found[0], qualifier):
            return found[0], f"{found[1]}{qualifier}"
    for layer, prefixes in _CLASS_PREFIXES:
        for prefix in prefixes:
            if plain.startswith(prefix) and not plain[len(prefix) : len(prefix) + 1].islower():
                return layer, f"{prefix}*"
    for layer, suffixes in _CLASS_SUFFIXES:
        for suffix in suffixes:
            if plain.endswith(suffix) and not _continues(plain, suffix):
                return layer, f"*{suffix}"
    if plain.startswith("Repository") and plain[10:11].isupper():
        return "repository", "Repository*"
    return None


def _is_qualified(layer: str, qualifier: str) -> bool:
    """Return whether names of ``layer`` may go on so; an adapter of a service reaches a foreign one."""
    return layer == "repository" or (layer == "service" and qualifier != "Adapter")


def _continues(name: str, suffix: str) -> bool:
    """Return whether ``suffix`` only ends a longer word: ``Microservice`` has no *Service*."""
    return suffix[0].islower() and len(name) > len(suffix)


def weak_suffix(name: str) -> str:
    """Return the weak suffix of a class name, empty where there is none."""
    return next((suffix for suffix in WEAK_SUFFIXES if name.endswith(suffix)), "")


def is_seeding(name: str) -> bool:
    """Return whether a function of this name fills a fresh database."""
    return _SEEDING.fullmatch(name) is not None


class Place(msgspec.Struct, frozen=True):
    """Where a module lies: its stem and the names of its directories, innermost first.

    ``in_feature`` is true where the innermost directory holds all layers of one feature: its name
    says nothing then.
    """

    stem: str
    directories: tuple[str, ...]
    in_feature: bool = False


def file_layer(stem: str) -> str:
    """Return the layer a file name stands for beyond doubt, empty where there is none."""
    word = FILE_WORDS.get(stem.lower())
    return "" if word is None or word.ambiguous else word.layer


def directory_layer(name: str) -> str:
    """Return the layer a directory name stands for, empty where there is none."""
    word = _of_directory(name)
    return "" if word is None else word.layer


def readings(place: Place) -> Iterator[tuple[Word, Assignment]]:
    """Yield what the names of a module say, the most telling first: file name, then directories.

    An ambiguous name yields to the nearest telling directory where that holds one file per feature,
    among helpers a part of the infrastructure is what the helpers are about, and what is common to
    queries is a part of these.
    Tasks below a scheduler are jobs and nothing else.
    """
    found = _of_file(place.stem)
    chain = [
        (found, Assignment(found.layer, found.confidence, f"file name {place.stem}.py")) if found else None
    ]
    for index, name in enumerate(place.directories):
        word = None if place.in_feature and index == 0 else _of_directory(name)
        if word and word.layer == "task" and any(map(_is_scheduler, place.directories[index + 1 :])):
            word = msgspec.structs.replace(word, ambiguous=False, proof="")
        chain.append((word, _by_directory(word, name)) if word else None)
    telling = [said for said in chain if said is not None]
    for index, said in enumerate(telling):
        yield from (around for around in telling[index + 1 : index + 2] if _is_feature(said[0], around[0]))
        yield said


def _is_scheduler(name: str) -> bool:
    return name.lower().endswith(SCHEDULERS)


def _by_directory(word: Word, name: str) -> Assignment:
    return Assignment(word.layer, min(word.confidence, Confidence.MEDIUM), f"directory {name}/")


def _is_feature(word: Word, around: Word) -> bool:
    shared = (around.layer, word.layer) == ("repository", "util")
    clear = (around.confidence is Confidence.STRONG or word.ends or shared) and not around.ambiguous
    helps = (around.layer, word.layer) == ("util", "infrastructure")
    named = around.layer in FEATURE_LAYERS and around.layer != word.layer
    return word.ambiguous and clear and (named or helps)


def _of_file(stem: str) -> Word | None:
    name = stem.lower().strip("_") if stem != "__main__" else stem
    parts = name.split("_")
    qualifier = next((word for word in _QUALIFIERS if word.lower() == parts[-1]), "")
    if qualifier and len(parts) > 1:
        before = _of_file("_".join(parts[:-1]))
        if before is not None and _is_qualified(before.layer, qualifier):
            return before
    for text in (name, "_".join(parts[-2:]), parts[-1]):
        word = FILE_WORDS.get(text)
        if word is not None and text == name:
            return word
        if word is not None and text not in WHOLE_NAMES and _PREPOSITIONS.isdisjoint(parts[-2:-1]):
            return _as_ending(word)
    first = FIRST_PARTS.get(parts[0]) if len(parts) > 1 else None
    return None if first is not None and first.layer == "service" and len(parts) > _LONG_NAME else first


def _of_directory(name: str) -> Word | None:
    lower = name.lower().strip("_").replace("-", "_").removesuffix("_layer")
    if lower in NO_DIRECTORY_WORDS:
        return None
    parts = lower.split("_")
    for text in (lower, "_".join(parts[-2:]), parts[-1]):
        word = DIRECTORY_WORDS.get(text)
        if word is not None and (text == lower or text not in WHOLE_NAMES):
            return word if text == lower else _as_ending(word)
    return None


def _as_ending(word: Word) -> Word:
    """Return what a word says at the end of a longer name; what only does something is no schema."""
    ambiguous = word.ambiguous or word.layer not in CLEAR_ENDINGS
    proof = _ENDING_PROOFS.get(word.layer, word.proof)
    return msgspec.structs.replace(word, ambiguous=ambiguous, proof=proof, ends=True)
