"""LC507: the text of an unexpected exception goes into the response."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found, report

ONLY = {"select": ["LC507"]}

PRELUDE = """
# app/answers.py
import json
from typing import Any
from fastapi import HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel


class Problem(BaseModel):
    text: str


class Refused(HTTPException):
    def __init__(self, reason: str, code: int = 400) -> None:
        super().__init__(status_code=code, detail=reason)


class Labelled(HTTPException):
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(status_code=500, detail="failed")


def failure(text: str) -> JSONResponse:
    return JSONResponse(status_code=500, content={"message": text})


def quiet(text: str) -> JSONResponse:
    print(text)
    return JSONResponse(status_code=500, content={"message": "failed"})


def describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def title(error: Exception) -> str:
    return "failed"
# app/main.py
import logging
import traceback
from typing import Any
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from app.answers import Labelled, Problem, Refused, describe, failure, quiet, title
from app.settings import settings
app = FastAPI()
logger = logging.getLogger(__name__)


class Gone(Exception):
    pass


def work() -> str:
    return "worked"


"""


def clause(body: str, caught: str = "Exception as error", marked: bool = True) -> str:
    """Return a route whose ``except`` clause has ``body``."""
    indented = "".join(f"        {line}\n" for line in body.strip("\n").splitlines())
    mark = "  # expect: LC507" if marked else ""
    return (
        '@app.get("/")\ndef show(key: int, verbose: Any = None) -> Any:\n    try:\n        return work()\n'
        f"    except {caught}:{mark}\n{indented}"
    )


LEAKS: dict[str, str] = {
    "str": clause("raise HTTPException(500, detail=str(error))"),
    "positional": clause("raise HTTPException(500, str(error))"),
    "the exception itself": clause("raise HTTPException(500, detail=error)"),
    "repr": clause("raise HTTPException(500, detail=repr(error))"),
    "an f-string": clause('raise HTTPException(500, detail=f"failed: {error}") from error'),
    "an f-string with repr": clause('raise HTTPException(500, detail=f"failed: {error!r}")'),
    "added": clause('raise HTTPException(500, detail="failed: " + str(error))'),
    "formatted": clause('raise HTTPException(500, detail="failed: {}".format(error))'),
    "per cent": clause('raise HTTPException(500, detail="failed: %s" % error)'),
    "args": clause("raise HTTPException(500, detail=error.args[0])"),
    "in a dict": clause('raise HTTPException(500, detail={"message": str(error)})'),
    "in a list of dicts": clause('raise HTTPException(500, detail=[{"message": f"{error}"}])'),
    "a method of the text": clause("raise HTTPException(500, detail=str(error).strip())"),
    "a part of the text": clause("raise HTTPException(500, detail=str(error)[:80])"),
    "a default": clause('raise HTTPException(500, detail=str(error) or "failed")'),
    "by a name": clause("text = str(error)\nraise HTTPException(500, detail=text)"),
    "by a name that grows": clause(
        'text = "failed: "\ntext += str(error)\nraise HTTPException(500, detail=text)'
    ),
    "by a dict that is filled": clause(
        'body = {"code": 1}\nbody["text"] = str(error)\nraise HTTPException(500, detail=body)'
    ),
    "in one branch": clause(
        'if key:\n    text = str(error)\nelse:\n    text = "failed"\nraise HTTPException(500, detail=text)'
    ),
    "the content of a response": clause(
        'return JSONResponse(status_code=500, content={"error": str(error)})'
    ),
    "the first argument of a response": clause("return PlainTextResponse(str(error), 500)"),
    "a model": clause("return JSONResponse(Problem(text=str(error)).model_dump(), 500)"),
    "a formatted traceback": clause("raise HTTPException(500, detail=traceback.format_exc())", ""),
    "an exception class of the project": clause("raise Refused(str(error))"),
    "a helper that answers": clause("return failure(str(error))"),
    "a helper that makes text": clause("raise HTTPException(500, detail=describe(error))"),
    "an error of the database": clause(
        "raise HTTPException(500, detail=str(error))", "SQLAlchemyError as error"
    ),
    "a tuple with Exception": clause(
        "raise HTTPException(500, detail=str(error))", "(KeyError, Exception) as error"
    ),
    "behind a known class": clause(
        "if isinstance(error, Gone):\n    raise HTTPException(410, str(error))\n"
        "raise HTTPException(500, str(error))"
    ),
    "a registered handler": """
@app.exception_handler(Exception)
def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=500)  # expect: LC507
""",
    "a handler registered for the status": """
def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": f"{error}"}, status_code=500)  # expect: LC507
app.add_exception_handler(500, on_error)
""",
}

NEAR_MISSES: dict[str, str] = {
    "a constant text": clause('raise HTTPException(500, detail="failed") from error', marked=False),
    "logged alone": clause(
        'logger.error("failed: %s", str(error))\nraise HTTPException(500, detail="failed")', marked=False
    ),
    "in a header": clause(
        'raise HTTPException(500, "failed", headers={"X-Error": str(error)})', marked=False
    ),
    "the status alone": clause("raise HTTPException(status_code=500)", marked=False),
    "the name of the class": clause(
        "raise HTTPException(500, detail=type(error).__name__)", marked=False
    ),
    "a narrow clause": clause(
        "raise HTTPException(400, detail=str(error))", "ValueError as error", marked=False
    ),
    "an exception of the project": clause(
        "raise HTTPException(410, detail=str(error))", "Gone as error", marked=False
    ),
    "a known error of the database": clause(
        "raise HTTPException(409, detail=str(error))", "IntegrityError as error", marked=False
    ),
    "the class is known": clause(
        'if isinstance(error, Gone):\n    raise HTTPException(410, str(error))\n'
        'raise HTTPException(500, "failed")',
        marked=False,
    ),
    "the class is known, the other way round": clause(
        'if not isinstance(error, Gone):\n    raise HTTPException(500, "failed")\n'
        "raise HTTPException(410, str(error))",
        marked=False,
    ),
    "the class is known in an expression": clause(
        'text = str(error) if isinstance(error, Gone) else "failed"\nraise HTTPException(500, text)',
        marked=False,
    ),
    "the class is matched": clause(
        'match error:\n    case Gone():\n        raise HTTPException(410, str(error))\n'
        '    case _:\n        raise HTTPException(500, "failed")',
        marked=False,
    ),
    "a debugging switch": clause(
        'if settings.DEBUG:\n    raise HTTPException(500, str(error))\nraise HTTPException(500, "failed")',
        marked=False,
    ),
    "an environment in an expression": clause(
        'detail = "failed" if settings.env == "production" else str(error)\nraise HTTPException(500, detail)',
        marked=False,
    ),
    "the name means something else by then": clause(
        'text = str(error)\nlogger.error(text)\ntext = "failed"\nraise HTTPException(500, text)',
        marked=False,
    ),
    "a helper that keeps it": clause("return quiet(str(error))", marked=False),
    "a helper that makes other text": clause(
        "raise HTTPException(500, detail=title(error))", marked=False
    ),
    "a class of the project that keeps it": clause("raise Labelled(str(error))", marked=False),
    "raised as an exception of the project": clause("raise Gone(str(error))", marked=False),
    "an exception handler for an exception of the project": """
@app.exception_handler(Gone)
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=410)
""",
    "an exception handler that answers for all": """
@app.exception_handler(Exception)
def on_error(request: Request, error: Exception) -> JSONResponse:
    logger.error(str(error))
    return JSONResponse({"error": "failed"}, status_code=500)
""",
    "a registered handler that looks up others by the class": """
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=410)
OTHERS = {Gone: on_gone}
@app.exception_handler(Exception)
def on_error(request: Request, error: Exception) -> JSONResponse:
    if type(error) in OTHERS:
        return OTHERS[type(error)](request, error)
    return JSONResponse({"error": "failed"}, status_code=500)
""",
    "a wrapper around handlers, registered in a loop": """
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=410)
def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "failed"}, status_code=500)
def logged(handler: Any) -> Any:
    def wrapper(request: Request, error: Any) -> JSONResponse:
        logger.error("failed")
        return handler(request, error)
    return wrapper
for kind, handler in {Gone: on_gone, Exception: on_error}.items():
    app.add_exception_handler(kind, logged(handler))
""",
    "not a router": """
# app/services/orders.py
from fastapi import HTTPException
class OrderService:
    def show(self) -> str:
        try:
            return "shown"
        except Exception as error:
            raise HTTPException(500, str(error))
""",
}


@pytest.mark.parametrize("body", [*LEAKS.values(), *NEAR_MISSES.values()], ids=[*LEAKS, *NEAR_MISSES])
def test_where_findings_stand(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, ONLY)) == expected(text)


def test_the_whole_finding(tmp_path: Path) -> None:
    text = PRELUDE + clause("return failure(str(error))", marked=False)
    assert report(check(tmp_path, text, ONLY)) == [
        "warning app/main.py:26:5 `except Exception` in GET / (show) puts the text of the exception into the"
        " response",
        "  app/main.py:27 [router] call: show -> failure",
        "  app/answers.py:25 [router] response: failure answers with the text",
        "  router: route decorator",
        "  = app.main.show exception text",
    ]


def test_the_whole_finding_at_a_registered_handler(tmp_path: Path) -> None:
    text = PRELUDE + LEAKS["a registered handler"].replace("  # expect: LC507", "")
    assert report(check(tmp_path, text, ONLY)) == [
        "warning app/main.py:25:12 exception handler `on_error` for `Exception` puts the text of the"
        " exception into the response",
        "  app/main.py:25 [router] response: on_error answers with the text",
        "  router: exception handler",
        "  = app.main.on_error exception text",
    ]
