"""Reports as the exchange sends them (protocol notes v2 §11.1), and what a follower makes of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from msgspec import Raw

from krakencli.account import Out
from krakencli.model import Run


@dataclass
class Message:
    type: str
    data: list[Raw] = field(default_factory=list)
    sequence: int | None = None


def message(type_: str, sequence: int, *items: bytes) -> Message:
    return Message(type_, [Raw(item) for item in items], sequence)


def update(sequence: int, *items: bytes) -> Message:
    return message("update", sequence, *items)


def snapshot(*items: bytes) -> Message:
    return message("snapshot", 1, *items)


def time(second: int) -> str:
    return f"2026-03-02T14:{second // 60:02}:{second % 60:02}.000000Z"


def order(name: str, second: int = 0, status: str = "new", **more: Any) -> bytes:
    """A report on an order."""
    fields = {
        "order_id": name,
        "exec_type": status,
        "order_status": status,
        "timestamp": time(second),
        **more,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def fill(name: str, of: str = "O1", second: int = 0, qty: str = "1.00000000", **more: Any) -> bytes:
    """A report on a trade."""
    text = order(of, second, "trade", exec_id=name, **{"order_status": "partially_filled", **more})
    return text[:-1] + f',"last_qty":{qty}}}'.encode()


def printed(outs: Iterable[Out]) -> list[tuple[str, str, str]]:
    """Type, order or fill, and source of each record."""
    found = []
    for out in outs:
        if isinstance(out, Run):
            for _, item in out.records:
                one = json.loads(bytes(item))
                name = one.get("exec_id") or f"{one['order_id']} {one['order_status']}"
                found.append((out.type, name, one.get("source", "")))
    return found


def names(outs: Iterable[Out]) -> list[str]:
    return [name for _, name, _ in printed(outs)]


def news(outs: Iterable[Out]) -> list[Out]:
    return [out for out in outs if not isinstance(out, Run)]
