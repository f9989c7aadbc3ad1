"""From the bytes of a file to its facts."""

from __future__ import annotations

import io
import tokenize

from layercheck.facts.extract import extract
from layercheck.facts.records import FileFacts
from layercheck.facts.unreadable import Unreadable


def read_facts(data: bytes) -> FileFacts:
    """Return the facts of a source file with these bytes.

    Raises:
        Unreadable: The bytes are no text in the encoding the file declares (by byte order mark or
            coding comment, else UTF-8), or the text is not Python.
    """
    return extract(decode(data))


def decode(data: bytes) -> str:
    """Return the text of a source file, every line end a newline.

    Raises:
        Unreadable: The encoding is unknown or does not fit the bytes.
    """
    encoding = "utf-8"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, 0, f"not readable as {encoding}: {error.reason}") from error
    except (SyntaxError, LookupError, ValueError) as error:
        raise Unreadable(1, 0, str(error)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
