"""stderr: what the program says to a person. stdout is data and never comes here.

One calm line for a change of state, nothing on a normal start and end. What comes from the network is made
harmless before it reaches a terminal.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

import msgspec

from krakencli.errors import StreamError
from krakencli.formatters.raw import mask
from krakencli.model import News

NAME = "kraken-stream"
FEW = 3
"""Failures in a row after which a person wants to know, whether or not the stream ever worked."""


class Talk:
    """`level` is 0 normally, below for `-q`, 1 for `-v` (requests), 2 for `-vv` (frames).

    `as_json` makes the error at the end one JSON object, for scripts that asked for JSON.
    `settled` is set once the stream has been seen to work: until then a few failures are not told one by one,
    because the error at the end says the same.
    """

    def __init__(self, stream: TextIO | None, *, level: int = 0, as_json: bool = False) -> None:
        self._stream = stream
        self.level = level
        self._as_json = as_json
        self.silenced = False
        self.settled = False
        self._connected = 0
        self._told_loss = False
        self._lagging = False

    def say(self, line: str) -> None:
        if self.level >= 0 and not self.silenced:
            self._print(f"{NAME}: {harmless(line)}")

    def trace(self, direction: str, frame: bytes) -> None:
        """Show a frame that is sent (`-v`) or has come (`-vv`), without its secrets."""
        if self.level >= (1 if direction == ">" else 2) and not self.silenced:
            self._print(f"{direction} {harmless(mask(frame).decode('utf-8', 'replace'))}")

    def show(self, lines: Iterable[str]) -> None:
        """What was asked for with an option of its own, so that `-q` does not silence it."""
        for line in lines:
            self._print(harmless(line))

    def news(self, news: News) -> None:
        """A change of state in one line; the first connection and what `error` will say are no news."""
        fields = news.fields
        match news.type:
            case "connected":
                self._connected += 1
                if self._told_loss:
                    self._told_loss = False
                    self.say("connected again")
            case "subscribed":
                self.settled = True
            case "reconnecting" if not fields["attempt"]:
                self.say(f"{fields['reason']}: waiting {fields['delay']:.0f} s before the next one")
            case "reconnecting" if self._connected and (self.settled or fields["attempt"] >= FEW):
                self._told_loss = True
                self.say(f"connection lost: {fields['reason']}; next try in {fields['delay']:.1f} s")
            case "rejected" if fields.get("again"):
                self.say(
                    f"{fields.get('symbol', fields['subscription'])}: {fields['reason']}; will ask again"
                )
            case "rejected" if "subscription" not in fields:
                self.say(f"the exchange refused a request: {fields['reason']}")
            case "lag":
                self._lag(fields["seconds"], fields["frames"])
            case type_ if type_ in _OF_SYMBOLS and (words := _OF_SYMBOLS[type_](fields)):
                self.say(f"{fields.get('symbol', fields.get('subscription'))}: {words}")

    def _lag(self, seconds: float, frames: int) -> None:
        """Once when it begins, once when it is over."""
        if seconds and not self._lagging:
            self.say(
                f"{seconds:.0f} s behind the exchange, because the output is slow; {frames:,} messages wait"
            )
        elif not seconds:
            self.say("caught up with the exchange")
        self._lagging = bool(seconds)

    def error(self, error: StreamError) -> None:
        """The one line that ends a failed run; shown with `-q` too."""
        if self._as_json:
            self._print(
                msgspec.json.encode(
                    {
                        "error": error.code,
                        "message": error.message,
                        "retryable": error.retryable,
                        "suggestion": error.suggestion,
                    }
                ).decode()
            )
        else:
            advice = f" ({error.suggestion})" if error.suggestion else ""
            self._print(f"{NAME}: {harmless(error.message)}{harmless(advice)}")

    def _print(self, line: str) -> None:
        if self._stream is None:  # closed before the program began
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # nobody hears us any more: no reason to stop the data


def _untrusted(fields: Mapping[str, Any]) -> str:
    failure = "an update of the book came before its snapshot"
    if fields["reason"] == "checksum":
        failure = f"the book's checksum is {fields['computed']}, the exchange says {fields['expected']}"
    if not fields.get("going_on", True):
        return ""  # the error at the end says it
    if fields.get("dropped"):
        return f"{failure}; given up after {fields['attempts']} new snapshots, going on with the others"
    return f"{failure}; subscribing again" + (f" in {fields['delay']:.1f} s" if fields["delay"] else "")


def _crossed(fields: Mapping[str, Any]) -> str:
    figures = f"bid {fields['bid']} and ask {fields['ask']}"
    return f"the exchange's own book is crossed, {figures}; its checksum is right"


def _stall(fields: Mapping[str, Any]) -> str:
    remedy = "" if fields["remedy"] == "none" else f"; {fields['remedy']}"
    return f"{fields['subscription']} was {fields['reason']}{remedy}"


_OF_SYMBOLS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "untrusted": _untrusted,
    "resync": lambda fields: (
        f"message {fields['sequence']} came instead of {fields['expected']}; subscribing again"
        if fields["reason"] == "sequence"
        else f"the book is verified again, after {fields['away']:.1f} s"
    ),
    "crossed": _crossed,
    "stall": _stall,
    "unverified": lambda _: "the exchange sends no checksums any more: the book is not verified",
    "restarted": lambda fields: (
        f"the exchange counts its trades anew, from {fields['first_id']} on; the last was {fields['last_id']}"
    ),
    "surplus": lambda fields: f"the stream had {fields['count']:,} that REST has not",
    "unaudited": lambda fields: f"cannot be compared with REST: {fields['reason']}; will try again",
    "revised": lambda fields: f"the printed candle of {fields['interval_begin']} has changed",
}
"""News of one symbol, in words; none where nothing is to be said."""


def harmless(text: str) -> str:
    """The text without what could steer a terminal or break a line."""
    return "".join(c if c.isprintable() else "�" for c in text)
