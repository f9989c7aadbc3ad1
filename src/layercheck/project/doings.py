"""What elements do, by what they call outside the program."""

from __future__ import annotations

from layercheck.inference.models import library
from layercheck.project.operations import ENGINES

APPLICATIONS = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette"})
SERVERS = frozenset({
    "uvicorn.run", "uvicorn.Server", "hypercorn.asyncio.serve", "granian.Granian", "mangum.Mangum",
})  # fmt: skip
ROUTERS = frozenset({"fastapi.APIRouter", "starlette.routing.Router"})
HTTP_OBJECTS = frozenset({
    "fastapi.HTTPException", "starlette.exceptions.HTTPException", "fastapi.WebSocketException",
    "starlette.exceptions.WebSocketException",
})  # fmt: skip

INFRASTRUCTURE_PACKAGES = frozenset({
    "redis", "aioredis", "aiokafka", "kafka", "confluent_kafka", "aio_pika", "pika", "nats", "smtplib",
    "aiosmtplib", "fastapi_mail", "emails", "sendgrid", "mailjet_rest", "httpx", "requests", "aiohttp",
    "urllib3", "niquests",
    "boto3", "aioboto3", "botocore", "minio", "stripe", "twilio", "openai", "anthropic", "litellm",
    "elasticsearch", "opensearchpy", "ldap", "ldap3", "firebase_admin", "paho", "grpc", "websockets",
    "slack_sdk", "msal", "qdrant_client", "pinecone", "chromadb", "weaviate", "cloudinary", "oss2",
})  # fmt: skip
"""Packages that talk to something outside that is no database."""

_HTTP_CLIENTS = frozenset({"httpx", "requests", "aiohttp", "urllib3", "niquests"})
"""Those of them that send requests to servers, and so keep nothing themselves."""

_TALKING = INFRASTRUCTURE_PACKAGES | {"socketio"}
"""The same, and what serves clients of its own; classes that derive from these are handlers."""

_INFRASTRUCTURE_PATHS = (
    "azure.storage.", "azure.servicebus.", "azure.eventgrid.", "google.cloud.storage.", "google.cloud.pubsub",
)  # fmt: skip

_LEAVING_TRACES = frozenset({"builtins.open", "builtins.input", "builtins.exec"})


class Doings:
    """What one module, class or function does.

    ``queries`` is true where rows are read or written, ``ends`` where a session is committed, rolled back
    or closed, ``opens`` where one is opened. ``calls`` are the outside things called, ``makes`` these and
    the outside bases of the classes objects are made of.
    """

    __slots__ = ("is_module", "queries", "ends", "opens", "calls", "makes")

    def __init__(self, *, is_module: bool) -> None:
        self.is_module = is_module
        self.queries = False
        self.ends = False
        self.opens = False
        self.calls: set[str] = set()
        self.makes: set[str] = set()

    @property
    def http(self) -> bool:
        """Whether HTTP exceptions are made."""
        return not HTTP_OBJECTS.isdisjoint(self.makes)

    @property
    def responds(self) -> bool:
        """Whether responses are made."""
        return any(map(is_response, self.makes))

    @property
    def talks(self) -> bool:
        """Whether something outside is talked to that is no database."""
        return any(
            name.partition(".")[0] in _TALKING or name.startswith(_INFRASTRUCTURE_PATHS)
            for name in self.calls
        )

    @property
    def asks_servers(self) -> bool:
        """Whether requests are sent to servers, and nothing else outside is talked to."""
        packages = {name.partition(".")[0] for name in self.calls} & INFRASTRUCTURE_PACKAGES
        return bool(packages) and packages <= _HTTP_CLIENTS

    @property
    def makes_app(self) -> bool:
        """Whether an application is made, or served by the body of a module."""
        served = self.is_module and not SERVERS.isdisjoint(self.calls)
        return served or not APPLICATIONS.isdisjoint(self.makes)

    @property
    def makes_router(self) -> bool:
        """Whether a router is made."""
        return any(map(is_router_class, self.makes))

    @property
    def makes_engine(self) -> bool:
        """Whether a database is set up."""
        return not ENGINES.isdisjoint(self.calls)

    @property
    def makes_tables(self) -> bool:
        """Whether tables are created."""
        return any(name.endswith(".create_all") for name in self.calls)

    @property
    def outside(self) -> set[str]:
        """The packages called into, and the builtins that leave traces."""
        return {name if name in _LEAVING_TRACES else name.partition(".")[0] for name in self.calls}


def is_router_class(name: str) -> bool:
    """Return whether an outside name is a class of routers: FastAPI's own, or a library's around it."""
    if name in ROUTERS:
        return True
    package, _, rest = name.partition(".")
    return "fastapi" in package and rest.endswith("Router") and library.is_class_name(name)


def is_response(name: str) -> bool:
    """Return whether an outside class is a response of the web framework."""
    return name.startswith(("starlette.responses.", "fastapi.responses.")) and name.endswith("Response")
