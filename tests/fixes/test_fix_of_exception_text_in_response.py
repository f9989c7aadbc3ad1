"""LC507: the text of the exception gives way to one of the code's own, and the exception is the cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

HEAD = """
# app/routers/files.py
from fastapi import APIRouter, HTTPException, status
from fastapi.responses import JSONResponse

router = APIRouter()


def load(name: str) -> str:
    return name


@router.get("/files")
def show(name: str):
    try:
        return load(name)
"""


def clause(text: str) -> str:
    return HEAD + text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '    except Exception as e:\n        raise HTTPException(500, detail=f"failed: {e}")  # told\n',
            '    except Exception as e:\n        raise HTTPException(500, detail="failed") from e  # told\n',
            id="f-string",
        ),
        pytest.param(
            "    except Exception as e:\n"
            "        raise HTTPException(status.HTTP_502_BAD_GATEWAY, str(e)) from None\n",
            '    except Exception as e:\n'
            '        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "Bad Gateway") from None\n',
            id="str, with a cause of its own",
        ),
        pytest.param(
            '    except Exception as e:\n        raise HTTPException(500, f"cannot load {name!r} ({e})")\n',
            '    except Exception as e:\n        raise HTTPException(500, f"cannot load {name!r}") from e\n',
            id="another value stays",
        ),
        pytest.param(
            "    except Exception as e:\n"
            '        return JSONResponse({"detail": str(e), "name": name}, 500)\n',
            "    except Exception:\n"
            '        return JSONResponse({"detail": "Internal Server Error", "name": name}, 500)\n',
            id="a response that is returned",
        ),
        pytest.param(
            "    except Exception as e:\n        print(e)\n"
            '        return JSONResponse({"detail": f"{e}"}, status_code=404)\n',
            "    except Exception as e:\n        print(e)\n"
            '        return JSONResponse({"detail": "Not Found"}, status_code=404)\n',
            id="the name is still used",
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str) -> None:
    left, told = fixed(tmp_path, clause(before), "LC507")
    assert left == ordered(clause(after))
    unlogged = "" if "print(e)" in before else ", which nothing logs there"
    assert [line.partition(" fixed: ")[2] for line in told[:-1]] == [
        f"replaced the text of the exception{unlogged}"
    ]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            '    except Exception as e:\n        raise HTTPException(500, f"{e} is what failed")\n',
            "the text goes on behind the exception",
            id="text behind it",
        ),
        pytest.param(
            "    except Exception as e:\n        text = str(e)\n        raise HTTPException(500, text)\n",
            "the text takes a way through other expressions",
            id="through a name",
        ),
        pytest.param(
            '    except Exception as e:\n        raise HTTPException(500, "failed: " + str(e))\n',
            "the text takes a way through other expressions",
            id="put together",
        ),
        pytest.param(
            '    except Exception as e:\n        raise HTTPException(500, f"""failed: {e}""")\n',
            "the text is a raw or long string",
            id="long string",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, clause(before), "LC507")
    assert left == ordered(clause(before))
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]


def test_helpers_are_left_alone(tmp_path: Path) -> None:
    helper = clause("    except Exception as e:\n        fail(e)\n") + (
        "\n\ndef fail(e: Exception) -> None:\n    raise HTTPException(500, str(e))\n"
    )
    left, told = fixed(tmp_path, helper, "LC507")
    assert left == ordered(helper)
    assert told == [
        "app/routers/files.py:16:5: LC507 not fixed: the text reaches the response through other functions",
        "nothing fixed; 1 not fixed",
    ]
