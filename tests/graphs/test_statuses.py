"""Which status an exception that leaves a route ends in."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck import pipeline
from layercheck.config.schema import Config

HEAD = """\
from http import HTTPStatus
from fastapi import FastAPI, HTTPException, Request, status
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

class Base(Exception):
    status_code = 400
class Gone(Base):
    status_code = 410
class Plain(Exception):
    pass

app = FastAPI()
"""

HANDLER = "@app.exception_handler({of})\ndef answer(request: Request, exc: Exception):\n{body}\n"

HANDLERS: dict[str, tuple[str, int | None]] = {
    "keyword": ("return JSONResponse({}, status_code=404)", 404),
    "position": ("return JSONResponse({}, 404)", 404),
    "constant of starlette": ("return Response(status_code=status.HTTP_404_NOT_FOUND)", 404),
    "constant of the standard library": ("return Response(status_code=HTTPStatus.GONE)", 410),
    "value of a constant": ("return Response(status_code=HTTPStatus.GONE.value)", 410),
    "default": ("return PlainTextResponse('no')", 200),
    "default of a redirect": ("return RedirectResponse('/')", 307),
    "local name": ("code = 409\nresponse = JSONResponse({}, code)\nreturn response", 409),
    "attribute of the class": ("return JSONResponse({}, status_code=exc.status_code)", 410),
    "attribute by name": ("return JSONResponse({}, getattr(exc, 'status_code', 500))", 410),
    "attribute that is missing": ("return JSONResponse({}, getattr(exc, 'code', 418))", 418),
    "attribute of nothing known": ("return JSONResponse({}, exc.code)", None),
    "table": ("return JSONResponse({}, STATUS[type(exc)])", 451),
    "table with a default": ("return JSONResponse({}, STATUS.get(type(exc), 500))", 451),
    "table without the class": ("return JSONResponse({}, OTHERS.get(type(exc), 500))", 500),
    "branch by class": (
        "if isinstance(exc, Plain):\n    return JSONResponse({}, 401)\n"
        "if isinstance(exc, (Gone, Plain)):\n    return JSONResponse({}, 402)\nreturn JSONResponse({}, 403)",
        402,
    ),
    "two answers": ("if request.method:\n    return Response(status_code=404)\nreturn Response()", None),
    "one answer twice": (
        "if request.method:\n    return Response(status_code=404)\nreturn JSONResponse({}, 404)", 404,
    ),
    "helper": ("return problem(404, str(exc))", 404),
    "helper that reads the exception": ("return problem_of(exc)", 410),
    "own response": ("return Missing('x')", 404),
    "own response with an argument": ("return Problem('x', 416)", 416),
    "request of something outside": ("return request.app.answer(exc)", None),
}  # fmt: skip

HELPERS = """\
STATUS = {Plain: 450, Gone: 451}
OTHERS = {Plain: 450}

def problem(code: int, text: str) -> JSONResponse:
    return JSONResponse({"detail": text}, status_code=code)

def problem_of(error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=error.status_code)

class Missing(JSONResponse):
    def __init__(self, text: str) -> None:
        super().__init__({"detail": text}, status_code=404)

class Problem(JSONResponse):
    def __init__(self, text: str, code: int = 400) -> None:
        super().__init__({"detail": text}, status_code=code)

@app.get("/")
def route() -> None:
    raise Gone("x")
"""


def statuses(folder: Path, text: str) -> list[tuple[str, int | None]]:
    """Return the exceptions that leave the one route, with their status."""
    (folder / "main.py").write_text(text, "utf-8")
    (row,) = pipeline.route_rows(pipeline.analyse(folder, Config(project_root=folder)))
    return [(one["exception"].removeprefix("main."), one["status"]) for one in row["exceptions"]]


@pytest.mark.parametrize(("body", "expected"), HANDLERS.values(), ids=HANDLERS)
def test_status_a_handler_answers_with(tmp_path: Path, body: str, expected: int | None) -> None:
    indented = "".join(f"    {line}\n" for line in body.split("\n"))
    text = HEAD + HANDLER.format(of="Base", body=indented) + HELPERS
    assert statuses(tmp_path, text) == [("Gone", expected)]


ROUTE = "@app.get('/')\ndef route(key: int) -> None:\n{body}\n"

RAISED: dict[str, tuple[str, str, list[tuple[str, int | None]]]] = {
    "two statuses of one class": (
        "",
        "if key:\n    raise HTTPException(404)\nraise HTTPException(status_code=409)",
        [("fastapi.HTTPException", 404), ("fastapi.HTTPException", 409)],
    ),
    "subclass that hands up a status": (
        "class Missing(HTTPException):\n    def __init__(self, what: str) -> None:\n"
        "        super().__init__(404, what)\n",
        "raise Missing('x')",
        [("Missing", 404)],
    ),
    "subclass with a default": (
        "class Missing(HTTPException):\n    def __init__(self, code: int = 404, **more) -> None:\n"
        "        super().__init__(status_code=code, **more)\n",
        "if key:\n    raise Missing\nraise Missing(410)",
        [("Missing", 404), ("Missing", 410)],
    ),
    "subclass of a subclass": (
        "class Error(HTTPException):\n    code = 500\n    def __init__(self) -> None:\n"
        "        super().__init__(status_code=self.code)\nclass Missing(Error):\n    code = 404\n",
        "raise Missing()",
        [("Missing", 404)],
    ),
    "factory": (
        "def missing(what: str) -> HTTPException:\n    return HTTPException(404, what)\n",
        "raise missing('x')",
        [("fastapi.HTTPException", 404)],
    ),
    "factory with a status": (
        "def failure(code: int) -> HTTPException:\n    return HTTPException(status_code=code)\n",
        "if key:\n    raise failure(404)\nraise failure(409)",
        [("fastapi.HTTPException", 404), ("fastapi.HTTPException", 409)],
    ),
    "translated": (
        "",
        "try:\n    raise Gone\nexcept Base as error:\n    raise HTTPException(409) from error",
        [("fastapi.HTTPException", 409)],
    ),
    "caught below": (
        "def work() -> None:\n    raise HTTPException(404)\n",
        "try:\n    work()\nexcept HTTPException:\n    pass\nraise HTTPException(409)",
        [("fastapi.HTTPException", 409)],
    ),
    "status nobody writes down": ("", "raise HTTPException(key)", [("fastapi.HTTPException", None)]),
    "handler that changes the status": (
        "@app.exception_handler(HTTPException)\ndef answer(request, exc):\n"
        "    return JSONResponse({}, status_code=418)\n",
        "raise HTTPException(404)",
        [("fastapi.HTTPException", 418)],
    ),
    "handler that keeps the status": (
        "@app.exception_handler(HTTPException)\ndef answer(request, exc):\n"
        "    return JSONResponse({}, status_code=exc.status_code)\n",
        "raise HTTPException(404)",
        [("fastapi.HTTPException", 404)],
    ),
    "handler of a status": (
        "@app.exception_handler(404)\ndef answer(request, exc):\n    return RedirectResponse('/', 303)\n",
        "if key:\n    raise HTTPException(404)\nraise HTTPException(409)",
        [("fastapi.HTTPException", 303), ("fastapi.HTTPException", 409)],
    ),
    "handlers one function makes are not told apart": (
        "def answers(code: int):\n    def answer(request, exc):\n"
        "        return JSONResponse({}, status_code=code)\n    return answer\n"
        "app.add_exception_handler(Gone, answers(410))\napp.add_exception_handler(Plain, answers(400))\n",
        "if key:\n    raise Gone\nraise Plain",
        [("Gone", None), ("Plain", None)],
    ),
    "status an exception is raised with": (
        "class Problem(Exception):\n    def __init__(self, text: str, status: int = 400) -> None:\n"
        "        self.status = status\nclass Missing(Problem):\n    def __init__(self, text: str) -> None:\n"
        "        super().__init__(text, 404)\n"
        "@app.exception_handler(Problem)\ndef answer(request, error):\n"
        "    return JSONResponse({}, error.status)\n",
        "if key == 1:\n    raise Problem('x', 409)\nif key == 2:\n    raise Missing('y')\nraise Problem('x')",
        [("Missing", 404), ("Problem", 400), ("Problem", 409)],
    ),
}


@pytest.mark.parametrize(("before", "body", "expected"), RAISED.values(), ids=RAISED)
def test_status_an_exception_is_raised_with(
    tmp_path: Path, before: str, body: str, expected: list[tuple[str, int | None]]
) -> None:
    indented = "".join(f"    {line}\n" for line in body.split("\n"))
    assert statuses(tmp_path, HEAD + before + ROUTE.format(body=indented)) == expected
