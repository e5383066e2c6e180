"""JSON whose numbers have exactly the digits that they were given. Pure."""

import json
import re
from typing import Any

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


class Number(str):
    """A number's text, written without quotes. ValueError where the text is no number of JSON."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Number":
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{text[:40]!r} is no number")
        return super().__new__(cls, text)


def encoded(value: Any) -> bytes:
    """The JSON text of a value, compact."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
