"""What the decoders of API v1 share: how its numbers and times are spelt, and what v2 makes of them.

v1 sends numbers as strings and times as Unix seconds with six decimals (protocol notes v1 §2). A decoder
takes a payload's text and gives items as v2 would have sent them: numbers with v1's digits, times as RFC 3339
with all of its decimals. A pattern checks and takes apart in one step, so that no text of the wire gets into
a record unseen; what is spelt in another way is spelt anew by `compact` and looked at once more.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from krakencli.model import Column

DIGITS = rb"(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+"
NUMBER = rb'"(' + DIGITS + rb')"'
TIME = rb'"([0-9]{1,11})\.([0-9]{1,9})"'
COUNT = rb'"?([0-9]+)"?'
TEXT = rb'"(?:[^"\\]|\\.)*"'
MORE = rb"(?:,[^\[\]{}]*+)?+"
"""Elements that nobody knows yet, behind the known ones of a row."""


@cache
def pattern(text: bytes) -> re.Pattern[bytes]:
    """Compiled when it is first needed: `--help` loads every channel, and decodes nothing."""
    return re.compile(text)


def ungrouped(text: bytes) -> bytes:
    """The same pattern, remembering nothing."""
    return re.sub(rb"(?<!\\)\((?!\?)", b"(?:", text)


def compact(value: Any) -> bytes:
    """The text that the exchange writes for a value: no white space, keys in alphabetical order."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def respelt(payload: bytes) -> bytes:
    """A payload of one value in the exchange's spelling. ValueError where it is none."""
    found = values(payload)
    if len(found) != 1:
        raise ValueError(f"{len(found)} values where one belongs")
    return compact(found[0])


def taken(text: bytes, payload: bytes, what: str) -> re.Match[bytes]:
    """What a pattern takes of a payload of one value. ValueError where that is no `what` of API v1."""
    find = pattern(text).fullmatch
    found = find(payload) or find(respelt(payload))
    if found is None:
        raise ValueError(f"no {what} of API v1")
    return found


def values(payload: bytes) -> list[Any]:
    """What stands between a frame's channel id and its channel's name. ValueError where it is no JSON."""
    read: list[Any] = json.loads(b"[%b]" % payload, parse_float=str)
    return read


def stamp(seconds: bytes, fraction: bytes) -> bytes:
    """Unix seconds as RFC 3339, the fraction as it came."""
    return b"%b.%bZ" % (moment(seconds), fraction)


def stamp_before(seconds: bytes, fraction: bytes, minutes: int) -> bytes:
    """The time so many minutes earlier."""
    return stamp(b"%d" % max(int(seconds) - 60 * minutes, 0), fraction)


@lru_cache(maxsize=4096)
def moment(seconds: bytes) -> bytes:
    """Whole Unix seconds as RFC 3339, without a zone."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def without(columns: tuple[Column, ...], *absent: str) -> tuple[Column, ...]:
    """Columns of a channel over v1: those that it never fills stay in CSV, and leave the table."""
    return tuple(replace(one, rank=0) if one.field in absent else one for one in columns)


def rfc3339(text: str) -> str:
    """A time of the wire, `1750000142.557535`. ValueError where it is none."""
    found = pattern(rb"([0-9]{1,11})\.([0-9]{1,9})").fullmatch(text.encode())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time of API v1")
    return stamp(*found.groups()).decode()
