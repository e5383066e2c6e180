"""What `watch` is asked for: `channel:SYMBOL,SYMBOL,parameter=value`, read into a channel's options. Pure.

Everything behind the first colon is parted by commas; what has an equals sign is a parameter, named as the
channel's option without its dashes, everything else a symbol.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from krakencli.channels import CHANNELS
from krakencli.errors import UsageError
from krakencli.model import Channel, Param

EXAMPLE = "kraken-stream watch ticker:BTC/USD,ETH/USD book:BTC/USD,depth=25"
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Spec:
    """One channel of a stream and the values of its parameters, as far as they were given."""

    channel: Channel
    symbols: tuple[str, ...]
    given: dict[str, Any]


def parse(text: str, duration: Callable[[str], float]) -> Spec:
    """One argument of `watch`. Raises UsageError, which says what would be right."""
    name, _, rest = text.partition(":")
    channel = _channel(name)
    words = [word.strip() for word in rest.split(",") if word.strip()]
    given = dict(_parameter(channel, word, duration) for word in words if "=" in word)
    symbols = tuple(word for word in words if "=" not in word)
    if symbols and channel.symbols == "none":
        raise UsageError(f"{channel.name} takes no symbol", suggestion=f"write {channel.name} alone")
    if not symbols and channel.symbols == "required":
        raise UsageError(f"{text!r} names no symbol", suggestion=f"{channel.name}:BTC/USD")
    return Spec(channel, symbols, given)


def merged(specs: Iterable[Spec]) -> list[Spec]:
    """Those that differ in their symbols only are one."""
    found: list[Spec] = []
    for spec in specs:
        for place, other in enumerate(found):
            if (other.channel, other.given) == (spec.channel, spec.given):
                found[place] = Spec(spec.channel, (*other.symbols, *spec.symbols), spec.given)
                break
        else:
            found.append(spec)
    return found


def _channel(name: str) -> Channel:
    wanted = name.strip()
    for channel in CHANNELS.values():
        if wanted == channel.name or wanted in channel.aliases:
            return channel
    near = get_close_matches(wanted.lower(), list(CHANNELS), 1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"there is no channel {wanted!r}{hint}", suggestion=EXAMPLE)


def _parameter(channel: Channel, word: str, duration: Callable[[str], float]) -> tuple[str, Any]:
    name, _, text = (part.strip() for part in word.partition("="))
    name = name.replace("-", "_")
    if name == "snapshot" and channel.snapshot is not None:
        return name, _switch(name, text)
    for param in channel.options:
        if param.name == name:
            return name, _value(param, text, duration)
    known = [param.name.replace("_", "-") for param in channel.options]
    raise UsageError(
        f"{channel.name} has no parameter {name!r}",
        suggestion=f"there is {', '.join(known)}" if known else f"{channel.name} has none",
    )


def _value(param: Param, text: str, duration: Callable[[str], float]) -> Any:
    try:
        if param.kind == "duration":
            return duration(text)
        if param.kind == "number":
            return _number(param, text)
        return _switch(param.name, text) if isinstance(param.default, bool) else param.parse(text)
    except ValueError as error:
        raise UsageError(f"{param.name}: {error}", suggestion=EXAMPLE) from None


def _number(param: Param, text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < param.least:
        raise ValueError(f"{text!r} is no whole number from {param.least} on")
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text.lower() not in _SWITCHES:
        raise UsageError(f"{name}: {text!r} is neither true nor false", suggestion=f"{name}=true")
    return _SWITCHES[text.lower()]
