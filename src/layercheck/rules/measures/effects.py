"""Names of outside calls with an effect outside the database, and of those that only log."""

from __future__ import annotations

from layercheck.inference.frames import CallSite
from layercheck.inference.values import External, Instance, Made, Values

_LOGGING = ("logging.", "structlog.", "loguru.", "builtins.print", "warnings.warn")
_LOGGERS = ("logging.", "structlog.", "loguru.")

_SENDING = (
    "smtplib.", "aiosmtplib.", "fastapi_mail.", "sendgrid.", "emails.", "mailjet_rest.", "resend.",
    "httpx.", "requests.", "aiohttp.", "urllib.request.", "urllib3.", "websockets.", "grpc.", "socket.",
    "redis.", "aioredis.", "aiocache.", "fastapi_cache.", "pymemcache.", "diskcache.",
    "celery.", "dramatiq.", "arq.", "taskiq.", "rq.", "huey.", "kombu.", "pika.", "aio_pika.", "aiokafka.",
    "kafka.", "confluent_kafka.", "nats.", "aiobotocore.", "aioboto3.", "boto3.", "botocore.",
    "google.cloud.", "azure.storage.", "azure.servicebus.", "minio.", "openai.", "anthropic.", "stripe.",
    "twilio.", "telegram.", "slack_sdk.", "elasticsearch.", "opensearchpy.", "subprocess.", "shutil.",
    "aiofiles.", "starlette.background.BackgroundTasks.add_task", "fastapi_events.", "blinker.",
    "apscheduler.", "paho.",
)  # fmt: skip
"""How the names of calls start that reach a mail server, another service, a queue, a cache or a file."""

_EXACT = frozenset({
    "builtins.open", "os.remove", "os.rename", "os.makedirs", "os.mkdir", "os.unlink", "os.system",
    "pathlib.Path.write_text", "pathlib.Path.write_bytes", "pathlib.Path.unlink", "pathlib.Path.mkdir",
    "pathlib.Path.open", "pathlib.Path.touch", "asyncio.create_task", "asyncio.ensure_future",
})  # fmt: skip

_LOCAL = (
    "httpx.Timeout", "httpx.Limits", "httpx.URL", "requests.Request", "stripe.api_key", "stripe.Webhook.",
    "stripe.error.", "slack_sdk.signature.", "slack_sdk.models.", "twilio.twiml.",
    "twilio.request_validator.", "boto3.dynamodb.conditions.", "botocore.exceptions.",
)  # fmt: skip
"""How names start like calls with an effect that only make values, or check signatures."""


def logs(site: CallSite) -> bool:
    """Return whether all a call does is to log."""
    return (
        bool(site.externals) and not site.edges and all(name.startswith(_LOGGING) for name in site.externals)
    )


def are_loggers(values: Values) -> bool:
    """Return whether ``values`` are loggers and nothing else."""
    return bool(values) and all(
        isinstance(value, (Instance, Made, External)) and _class_name(value).startswith(_LOGGERS)
        for value in values
    )


def _class_name(value: Instance | Made | External) -> str:
    return value.class_name if isinstance(value, Instance) else value.name


def reaches_out(site: CallSite) -> str:
    """Return the name of what a call does outside the database, empty where it does nothing there."""
    for name in site.externals:
        if name in _EXACT or (name.startswith(_SENDING) and not name.startswith(_LOCAL)):
            return name
    return ""
