"""What a v2 subscribe or unsubscribe request asks for, or the words in which it is refused (protocol notes
§4, §5.2).

Where the notes record no words for a case (a wrong type, a missing list), the nearest recorded pattern is
used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from krakencli.sandbox.candles import INTERVALS
from krakencli.sandbox.refused import RefusedError

DEPTHS = {"book": (10, 25, 100, 500, 1000), "level3": (10, 100, 1000)}
TRIGGERS = ("trades", "bbo")
VENUES = ("international", "bitnomial-exchange")

PUBLIC = ("ticker", "book", "ohlc", "trade", "instrument")
PRIVATE = ("executions", "balances")
LEVEL3 = ("level3",)

_FIELDS = {
    "ticker": {"channel", "symbol", "event_trigger", "snapshot"},
    "book": {"channel", "symbol", "depth", "snapshot"},
    "level3": {"channel", "symbol", "depth", "snapshot", "token"},
    "ohlc": {"channel", "symbol", "interval", "snapshot"},
    "trade": {"channel", "symbol", "snapshot"},
    "instrument": {"channel", "include_tokenized_assets", "execution_venue", "snapshot"},
}
_WARNINGS = {
    "ohlc": ["timestamp is deprecated, use interval_begin"],
    "instrument": ["tick_size is deprecated, use price_increment"],
}

Params = dict[str, Any]
_VARIANTS = {"book": "depth", "level3": "depth", "ohlc": "interval", "ticker": "event_trigger"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A checked request for one market data channel. `option` and `variant` name and value its extra
    parameter.
    """

    channel: str
    symbols: tuple[str, ...]
    snapshot: bool
    option: str | None = None
    variant: int | str = ""
    warnings: list[str] = field(default_factory=list)

    def result(self, symbol: str | None, subscribing: bool) -> dict[str, object]:
        """The acknowledgement's `result` for one symbol (None: the channel has none)."""
        result: dict[str, object] = {"channel": self.channel}
        if symbol is not None:
            result["symbol"] = symbol
        if self.option is not None:
            result[self.option] = self.variant
        if subscribing:
            result["snapshot"] = self.snapshot
            if self.warnings:
                result["warnings"] = self.warnings
        return result


def read_wish(params: Params, method: str) -> Wish:
    """Checks the parameters of a market data channel, but for the token. Raises RefusedError with the
    exchange's words.
    """
    channel = params["channel"]
    for name in params:
        if name not in _FIELDS[channel]:
            raise RefusedError(f"Unsupported field: '{name}' for the given msg type: {method}")
    snapshot = _boolean(params, "snapshot", default=channel != "trade")
    warnings = _WARNINGS.get(channel, [])
    if channel == "instrument":
        _check_instrument(params)
        return Wish(channel, (), snapshot, warnings=warnings)
    symbols = _symbols(params)
    option, variant = _variant(channel, params)
    return Wish(channel, symbols, snapshot, option, variant, warnings)


def told_variant(channel: str, variant: int | str) -> dict[str, int | str]:
    """A subscription's variant under its name, as results tell it."""
    name = _VARIANTS.get(channel)
    return {} if name is None else {name: variant}


def _boolean(params: Params, name: str, default: bool) -> bool:
    value = params.get(name, default)
    if not isinstance(value, bool):
        raise RefusedError(f"{name.capitalize()} field must be a boolean")
    return value


def _check_instrument(params: Params) -> None:
    _boolean(params, "include_tokenized_assets", default=False)
    if params.get("execution_venue", VENUES[0]) not in VENUES:
        raise RefusedError("Subscription execution_venue not supported")


def _symbols(params: Params) -> tuple[str, ...]:
    if "symbol" not in params:
        raise RefusedError("Symbol(s) not found")
    symbols = params["symbol"]
    if not isinstance(symbols, list) or not all(isinstance(symbol, str) for symbol in symbols):
        raise RefusedError("Symbol field must be an array of strings")
    if not symbols:
        raise RefusedError("Symbol(s) not found")
    return tuple(symbols)


def _variant(channel: str, params: Params) -> tuple[str | None, int | str]:
    if channel in DEPTHS:
        return "depth", _depth(params, DEPTHS[channel])
    if channel == "ohlc":
        return "interval", _interval(params)
    if channel == "ticker":
        trigger = params.get("event_trigger", TRIGGERS[0])
        if not isinstance(trigger, str) or trigger not in TRIGGERS:
            raise RefusedError("Subscription event_trigger not supported")
        return "event_trigger", trigger
    return None, ""


def _depth(params: Params, depths: tuple[int, ...]) -> int:
    depth = params.get("depth", depths[0])
    if type(depth) is not int:
        raise RefusedError("Subscription book depth must be an integer")
    if depth not in depths:
        raise RefusedError("Subscription depth not supported")
    return depth


def _interval(params: Params) -> int:
    if "interval" not in params:
        raise RefusedError("Subscription ohlc requires interval")
    interval = params["interval"]
    if type(interval) is not int:
        raise RefusedError("Subscription ohlc interval must be an integer")
    if interval not in INTERVALS:
        raise RefusedError("Subscription ohlc interval not supported")
    return interval
