"""Times as the exchange writes them: RFC 3339, with any number of fraction digits (protocol notes v2 §2)."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(text: str) -> datetime:
    """A moment, to the microsecond; UTC where no zone is named. ValueError where the text is no time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unix(text: str) -> float:
    """Seconds since 1970. ValueError where the text is no time."""
    return instant(text).timestamp()


def stamp(moment: datetime) -> str:
    """A moment of UTC as the exchange writes it, with six decimals."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def microseconds(text: str) -> int:
    """Microseconds since 1970; what is finer is cut. ValueError where the text is no time."""
    return (instant(text) - _EPOCH) // _MICROSECOND


def stamp_of(microseconds: int) -> str:
    """So many microseconds since 1970 as the exchange writes them."""
    return stamp(_EPOCH + microseconds * _MICROSECOND)
