"""What a class is, whatever it is called: entity, schema, exception, middleware, container ..."""

from __future__ import annotations

import builtins
from functools import cache

from layercheck.facts import records as r
from layercheck.facts.nodes import applied, written_name
from layercheck.inference.models import library
from layercheck.program.build import statements
from layercheck.program.entities import Class
from layercheck.project.doings import APPLICATIONS, INFRASTRUCTURE_PACKAGES, is_router_class
from layercheck.project.evidence import Evidence
from layercheck.project.model import Assignment, Confidence, Project
from layercheck.project.words import class_word

_ENTITY_BASES = frozenset({
    "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta",
    "sqlalchemy.orm.MappedAsDataclass",
    "tortoise.Model", "tortoise.contrib.pydantic.PydanticModel", "beanie.Document", "beanie.View",
    "peewee.Model", "piccolo.table.Table", "ormar.Model", "mongoengine.Document",
    "mongoengine.EmbeddedDocument", "mongoengine.DynamicDocument", "odmantic.Model",
    "odmantic.EmbeddedModel", "redis_om.HashModel", "redis_om.JsonModel", "pony.orm.Entity",
    "umongo.Document", "bunnet.Document", "neomodel.StructuredNode",
})  # fmt: skip
_ENTITY_PATHS = (
    "sqlalchemy.orm.declarative_base()", "sqlalchemy.orm.registry()", "advanced_alchemy.base.",
    "sqlalchemy_utils.", "fastapi_users.db.SQLAlchemyBase", "fastapi_users_db_sqlalchemy.",
    "sqlalchemy.ext.automap.automap_base()",
)  # fmt: skip
_COLUMN_TYPES = ("TypeDecorator", "UserDefinedType")
_COLUMN_MAKERS = frozenset({"Column", "mapped_column", "relationship", "declared_attr"})

_SETTINGS = frozenset({"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings"})
_SCHEMAS = frozenset({
    "pydantic.BaseModel", "pydantic.RootModel", "pydantic.generics.GenericModel", "sqlmodel.SQLModel",
    "fastapi_users.schemas.BaseUser", "fastapi_users.schemas.BaseUserCreate",
    "fastapi_users.schemas.BaseUserUpdate", "fastapi_camelcase.CamelModel",
    "fastapi.security.HTTPBasicCredentials", "fastapi.security.HTTPAuthorizationCredentials",
})  # fmt: skip
_MIDDLEWARE = frozenset({"starlette.middleware.base.BaseHTTPMiddleware"})
_WIRING = {
    "starlette.authentication.AuthenticationBackend": "dependency",
    "dishka.Provider": "app",
    "injector.Module": "app",
    "dependency_injector.containers.DeclarativeContainer": "dependency",
    "dependency_injector.containers.DynamicContainer": "dependency",
}
_EXCEPTIONS = frozenset({
    "DoesNotExist", "MultipleObjectsReturned", "NoResultFound", "MultipleResultsFound",
})  # fmt: skip
"""Names of exceptions that do not say so."""

_BINDING = frozenset({"classmethod", "staticmethod"})
"""Decorators that leave a method what it is."""

_TASKS = frozenset({"celery.Task", "celery.app.task.Task"})


def identify(
    project: Project, evidence: Evidence, cls: Class, place: Assignment | None, in_domain: bool
) -> Assignment | None:
    """Return the layer ``cls`` has by what it is, None where only names can tell.

    ``in_domain`` is true in a folder of domain classes: Pydantic classes there are entities. Those
    in a configuration module (``place``) are parts of the configuration, and those that only tables
    derive from are parts of entities. One whose methods run statements is an entity that finds itself.
    A class that only carries the mapping for others (``Base``, column mixins) is left to its place.
    """
    outside = project.inference.hierarchy.outside(cls)
    found = _by_bases(cls, outside, in_domain)
    if found is not None and found[0] == "schema":
        if (place is not None and place.layer == "config") or _only_holds_its_parts(cls):
            return None
        below = project.inference.hierarchy.descendants(cls)
        if below and all(is_table(sub) or project.inference.hierarchy.descendants(sub) for sub in below):
            return None
    if found is not None and found[0] == "schema" and evidence.of(cls).queries:
        return _certain("entity", f"derives from {found[1]}, runs statements")
    if found is not None and found[0] == "schema" and _asks_for_itself(evidence, cls):
        return _certain("infrastructure", f"derives from {found[1]}, talks to something outside")
    if found is not None:
        return _certain(found[0], f"derives from {found[1]}")
    if cls in evidence.mapped:
        return _certain("entity", "mapped to a table")
    if cls in evidence.tasks:
        return _certain("task", evidence.tasks[cls])
    if evidence.of(cls).makes_app and (place is None or place.layer in ("app", "util")):
        return _certain("app", "makes the application")
    if _is_asgi(cls):
        return _certain("router", "ASGI middleware by shape")
    if any(method in project.handlers for method in cls.methods.values()):
        return _certain("router", "methods are route handlers")
    if _names(cls, "__tablename__", "__table__") and not _is_abstract_entity(cls):
        return _certain("entity", "names its table")
    if any(_is_dataclass_of_pydantic(decorator) for decorator in cls.node.decorators):
        return _certain("schema", "a dataclass of Pydantic")
    return None


def _asks_for_itself(evidence: Evidence, cls: Class) -> bool:
    """Return whether methods of ``cls`` talk to something outside; what only fills or shows fields may."""
    return any(
        evidence.of(method).talks
        for method in cls.methods.values()
        if isinstance(method.node, r.Function)
        and all(written_name(applied(one)) in _BINDING for one in method.node.decorators)
    )


def _by_bases(cls: Class, outside: tuple[str, ...], in_domain: bool) -> tuple[str, str] | None:
    """Return the layer the outside bases of ``cls`` give it, and the base that decided."""
    for name in outside:
        if is_exception(name):
            return "exception", _last(name)
    for name in outside:
        if name in APPLICATIONS:
            return "app", _last(name)
        if is_router_class(name) or name in _MIDDLEWARE or name == "fastapi.routing.APIRoute":
            return "router", _last(name)
        if name in _WIRING:
            return _WIRING[name], _last(name)
        if name in _TASKS:
            return "task", _last(name)
        if name in _SETTINGS:
            return "config", _last(name)
    if is_table(cls):
        return "entity", "SQLModel with table=True"
    for name in outside:
        if is_entity_base(name):
            return None if is_mapping_base(cls) else ("entity", _last(name))
    for name in outside:
        if name in _SCHEMAS:
            return ("entity" if in_domain else "schema"), _last(name)
        if name.startswith("fastapi.security."):
            return "dependency", _last(name)
        if name.partition(".")[0] in INFRASTRUCTURE_PACKAGES and library.is_class_name(name):
            return "infrastructure", name
    return None


def _only_holds_its_parts(cls: Class) -> bool:
    """Return whether a Pydantic class is one for its constructor alone: a service or repository by name.

    It has public methods that are neither validators nor properties; data that is called so has none.
    """
    word = class_word(cls.name)
    if word is None or word[0] not in ("service", "repository"):
        return False
    public = (method for name, method in cls.methods.items() if not name.startswith("_"))
    return any(isinstance(method.node, r.Function) and not method.node.decorators for method in public)


def is_mapping_base(cls: Class) -> bool:
    """Return whether ``cls`` only carries the mapping for others: a declarative base, a column mixin."""
    if _names(cls, "__tablename__", "__table__"):
        return _is_abstract_entity(cls)
    if _is_abstract_entity(cls):
        return True
    named = {written_name(base) for base in cls.node.bases}
    return bool(named & {"DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass", "AsyncAttrs"})


def is_column_type(outside: tuple[str, ...]) -> bool:
    """Return whether the outside bases of a class make it a type of columns."""
    return any(name.startswith("sqlalchemy.") and _last(name) in _COLUMN_TYPES for name in outside)


def is_column_mixin(cls: Class) -> bool:
    """Return whether a class without bases of its own declares mapped columns."""
    for statement in statements(cls.node.body):
        value = getattr(statement, "value", None)
        if isinstance(statement, (r.Assign, r.Annotated)) and isinstance(value, r.Call):
            if written_name(value.func) in _COLUMN_MAKERS:
                return True
        annotation = statement.annotation if isinstance(statement, r.Annotated) else None
        if isinstance(annotation, r.Subscript):
            head = annotation.value
            if written_name(head) == "Mapped":
                return True
    return any(_is_declared_attr(method.node) for method in cls.methods.values())


def is_entity_base(name: str) -> bool:
    """Return whether an outside class makes what derives from it an entity."""
    return (
        name in _ENTITY_BASES
        or name.startswith(_ENTITY_PATHS)
        or ("()" in name and name.endswith((".Model", ".declarative_base()", ".Base")))
    )


def is_data_base(name: str) -> bool:
    """Return whether an outside class makes what derives from it an entity or a schema."""
    return name in _SCHEMAS or is_entity_base(name)


@cache
def is_exception(name: str) -> bool:
    """Return whether an outside class is an exception, by definition or by its name."""
    package, _, last = name.rpartition(".")
    if package == "builtins":
        found = getattr(builtins, last, None)
        return isinstance(found, type) and issubclass(found, BaseException)
    return (last.endswith(("Exception", "Error", "Warning")) or last in _EXCEPTIONS) and "()" not in name


def is_enum(project: Project, cls: Class) -> bool:
    """Return whether ``cls`` is an enum."""
    return any(name.startswith("enum.") for name in project.inference.hierarchy.outside(cls))


def is_table(cls: Class) -> bool:
    """Return whether a class says ``table=True``, as those of SQLModel do."""
    return any(
        keyword.name == "table" and isinstance(keyword.value, r.Constant) and keyword.value.value is True
        for keyword in cls.node.keywords
    )


def _is_asgi(cls: Class) -> bool:
    call = cls.methods.get("__call__")
    return call is not None and [param.name for param in call.params][1:4] == ["scope", "receive", "send"]


def _names(cls: Class, *names: str) -> bool:
    return any(name in cls.bound for name in names)


def _is_abstract_entity(cls: Class) -> bool:
    if "__abstract__" not in cls.bound:
        # A generated table name (``@declared_attr``) belongs to the subclasses.
        return "__tablename__" in cls.methods
    return True


def _is_declared_attr(node: r.Function | r.Lambda) -> bool:
    decorators = node.decorators if isinstance(node, r.Function) else ()
    return any(
        "declared_attr"
        in (getattr(d, "id", ""), getattr(d, "name", ""), getattr(getattr(d, "value", None), "id", ""))
        for d in decorators
    )


def _is_dataclass_of_pydantic(decorator: r.Expr) -> bool:
    target = applied(decorator)
    return (
        isinstance(target, r.Attribute)
        and isinstance(target.value, r.Attribute)
        and (target.name == "dataclass" and getattr(target.value.value, "id", "") == "pydantic")
    )


def _last(name: str) -> str:
    return name.removesuffix("()").rpartition(".")[2]


def _certain(layer: str, evidence: str) -> Assignment:
    return Assignment(layer, Confidence.CERTAIN, evidence)
