"""What the protocol's tests share: subscriptions, answers as the exchange writes them, a decoded request."""

import json
from typing import Any

from krakencli.model import Subscription
from krakencli.protocol.events import Event
from krakencli.protocol.session import Session

TIMES = '"time_in":"2026-03-02T14:05:06.013486Z","time_out":"2026-03-02T14:05:06.013545Z"'


def ticker(symbol: str = "BTC/USD", **params: Any) -> Subscription:
    return Subscription("ticker", symbol, tuple(params.items()))


def granted(number: int, symbol: str | None = "BTC/USD", channel: str = "ticker", **more: Any) -> bytes:
    """An acknowledgement, its keys in the exchange's order."""
    named = {} if symbol is None else {"symbol": symbol}
    answer = {"channel": channel, "snapshot": True, **named, **more}
    result = json.dumps(answer)
    return f'{{"method":"subscribe","req_id":{number},"result":{result},"success":true,{TIMES}}}'.encode()


def refused(number: int | None, error: str, symbol: str | None = None, **more: Any) -> bytes:
    fields = {
        "error": error,
        "method": "subscribe",
        "req_id": number,
        "success": False,
        "symbol": symbol,
        **more,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def update(symbol: str = "BTC/USD", channel: str = "ticker", last: str = "67310.50") -> bytes:
    return (
        f'{{"channel":"{channel}","type":"update","data":[{{"symbol":"{symbol}","last":{last}}}]}}'.encode()
    )


def requests(frames: list[bytes]) -> list[Any]:
    return [json.loads(frame) for frame in frames]


def events(session: Session, *frames: bytes) -> list[Event]:
    return session.receive(frames)[0]
