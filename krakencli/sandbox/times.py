"""Times: nanoseconds since 1970 as integers inside, RFC 3339 with `Z` outside (protocol notes §2.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(moment: datetime) -> int:
    """An aware `moment` as nanoseconds since 1970, exact to its microsecond; a naive one counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1) * 1000


@lru_cache(maxsize=256)
def _to_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def whole(ns: int) -> str:
    """`2026-03-02T14:05:06Z`."""
    return f"{_to_second(ns // SECOND)}Z"


def micro(ns: int) -> str:
    """`2026-03-02T14:05:06.120774Z`; the nanoseconds are cut, not rounded."""
    seconds, rest = divmod(ns, SECOND)
    return f"{_to_second(seconds)}.{rest // 1000:06d}Z"


def nano(ns: int) -> str:
    """`2026-03-02T14:05:02.264627814Z`."""
    seconds, rest = divmod(ns, SECOND)
    return f"{_to_second(seconds)}.{rest:09d}Z"


def rfc1123(ns: int) -> str:
    """`Sun, 15 Jun 25 15:06:40 +0000`: REST Time prints the year with two digits (protocol notes,
    REST §4).
    """
    return (_EPOCH + timedelta(seconds=ns // SECOND)).strftime("%a, %d %b %y %H:%M:%S +0000")


def rest_number(ns: int) -> str:
    """REST Trades' time column: a JSON number in seconds with one to seven fraction digits, made from
    integers.
    """
    seconds, ticks = divmod((ns + 50) // 100, 10_000_000)
    return f"{seconds}.{f'{ticks:07d}'.rstrip('0') or '0'}"


def read(moment: str) -> int | None:
    """An RFC 3339 moment as nanoseconds since 1970; None for what is none."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return None if found.tzinfo is None else nanoseconds(found)
