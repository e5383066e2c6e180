"""What is known of each subscription at a moment, as one record: its state, its figures, its lateness.

The command `subscriptions` shows it again and again, `--stats` at the end of any stream.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from krakencli.feed import Standing
from krakencli.model import Subscription
from krakencli.stage import Strand
from krakencli.tally import Newest, Tally
from krakencli.times import unix

_UNDATED = ("ohlc", "instrument")
"""Channels whose items do not say when they were sent (protocol notes v2 §7.3, §7.5)."""


class _Dated(msgspec.Struct, gc=False):
    timestamp: str = ""
    source: str = ""


_dated = msgspec.json.Decoder(_Dated)


def statuses(
    strands: Sequence[Strand], standings: Iterable[Standing], tally: Tally, wall: float, now: float
) -> list[dict[str, Any]]:
    """One record a subscription, in the order in which they were asked for; `wall` is Unix time.

    Seconds: `acknowledged_after` the request, `age` of the newest record, `latency` from the exchange's time
    to the arrival here, corrected by `clock_error`, which is this clock's minus the exchange's as its answers
    tell it, give or take `clock_uncertainty`.
    """
    known: dict[Subscription, Standing] = {}
    for standing in standings:
        known.setdefault(standing.subscription, standing)
    return [record for strand in strands for record in _of(strand, known, tally, wall, now)]


def _of(
    strand: Strand, known: Mapping[Subscription, Standing], tally: Tally, wall: float, now: float
) -> Iterable[dict[str, Any]]:
    figures = {one.get("symbol"): one for one in tally.counts([strand], known, now)}
    if not strand.subscriptions:
        yield _unasked(strand, tally, wall)
    for subscription in strand.subscriptions:
        standing = known.get(subscription)
        if standing is None:
            continue
        symbol = subscription.symbol
        more = {k: v for k, v in figures.get(symbol, {}).items() if k not in ("channel", "symbol", "records")}
        if symbol is None:  # one subscription, records of many symbols
            more = {"gaps": sum(one["gaps"] for one in figures.values())}
        yield {
            "connection": standing.connection,
            "subscription": strand.channel.name,
            **({} if symbol is None else {"symbol": symbol}),
            "state": standing.stand,
            **({"reason": standing.reason} if standing.reason else {}),
            "parameters": dict(subscription.params),
            "acknowledged": dict(standing.acknowledged),
            **({"warnings": list(standing.warnings)} if standing.warnings else {}),
            "acknowledged_after": _rounded(standing.after),
            "records": tally.records_of(strand, symbol),
            "rate": round(tally.rate_of(strand, symbol), 2),
            **_times(strand, standing, tally.newest(strand, symbol), wall),
            **more,
        }


def _unasked(strand: Strand, tally: Tally, wall: float) -> dict[str, Any]:
    """A channel that comes without a subscription (status)."""
    newest = tally.newest(strand, None)
    return {
        "subscription": strand.channel.name,
        "state": "waiting" if newest is None else "live",
        "records": tally.records_of(strand, None),
        "rate": round(tally.rate_of(strand, None), 2),
        "age": None if newest is None else _rounded(max(0.0, wall - newest.arrived)),
    }


def _times(strand: Strand, standing: Standing, newest: Newest | None, wall: float) -> dict[str, float | None]:
    age = None if newest is None else max(0.0, wall - newest.arrived)
    latency = None
    if newest is not None and newest.item is not None and strand.channel.wire not in _UNDATED:
        sent = _sent(newest.item)
        latency = None if sent is None else newest.arrived - sent - (standing.clock_error or 0.0)
        if latency is not None and -(standing.clock_uncertainty or 0.0) <= latency < 0:
            latency = 0.0
    return {
        "age": _rounded(age),
        "latency": _rounded(latency),
        "clock_error": _rounded(standing.clock_error),
        "clock_uncertainty": _rounded(standing.clock_uncertainty),
    }


def _sent(item: msgspec.Raw) -> float | None:
    """The exchange's time of an update; None where it has none, or came otherwise."""
    try:
        dated = _dated.decode(item)
        return None if dated.source else unix(dated.timestamp)
    except ValueError:
        return None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
