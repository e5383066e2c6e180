"""JSON lines: one object a record, `channel` and `type` first, then the item's own fields, text as it came.

Nothing is decoded on the common way: a line is a prefix and the rest of the item. Only items that would break
a line or hold a key twice are taken apart.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from krakencli.model import News

_fields = msgspec.json.Decoder(dict[str, Raw])

RENAMED = {"type": "ledger_type", "channel": "item_channel", "sequence": "item_sequence"}
"""Where an item has a field of the record's own, the item's is renamed: no key stands twice in an object."""


class Jsonl:
    """Makes the lines of one channel's records."""

    header = b""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._prefixes: dict[str, bytes] = {}

    def batch(self, type_: str, items: Sequence[Raw], sequence: int | None = None) -> bytes:
        """The records as lines. Raises msgspec.DecodeError where an item is no object.

        The items without their opening brace are joined by the prefix, which takes its place; then a few
        searches of the whole find out whether any item needs more care than that.
        """
        prefix = self._prefixes.get(type_) if sequence is None else None
        prefix = prefix or self._prefix(type_, sequence)
        between, joints = b"\n" + prefix, len(items) - 1
        text = between.join([bytes(item)[1:] for item in items])
        if (
            text.count(between + b'"') == joints
            and bytes(items[0])[:2] == b'{"'
            and text.count(b'"type"') == joints
            and text.count(b'"channel"') == joints
            and text.count(b'"sequence"') == (0 if sequence is None else joints)
            and text.count(b"\n") == joints
            and b"\r" not in text
            and b"\\" not in text
        ):
            return b"".join((prefix, text, b"\n"))
        return b"".join([_unusual(prefix, bytes(item), sequence) for item in items])

    def _prefix(self, type_: str, sequence: int | None) -> bytes:
        head: dict[str, Any] = {"channel": self._channel, "type": type_}
        if sequence is not None:
            return msgspec.json.encode({**head, "sequence": sequence})[:-1] + b","
        prefix = msgspec.json.encode(head)[:-1] + b","
        self._prefixes[type_] = prefix
        return prefix


def _unusual(prefix: bytes, text: bytes, sequence: int | None) -> bytes:
    fields = _fields.decode(text)
    taken = set(RENAMED) - (set() if sequence is not None else {"sequence"})
    renamed = {_free(RENAMED[name], fields) if name in taken else name: fields[name] for name in fields}
    body = msgspec.json.encode(renamed)[1:].replace(b"\r", b" ").replace(b"\n", b" ")
    return (prefix[:-1] if body == b"}" else prefix) + body + b"\n"


def _free(name: str, fields: dict[str, Raw]) -> str:
    """The name, or the next like it that none of the fields has."""
    while name in fields:
        name = f"item_{name}"
    return name


def news_line(news: News) -> bytes:
    """A line of the feed's own news, for `--events`."""
    head = {"channel": "_feed", "type": news.type, "time": news.time}
    text = msgspec.json.encode({**head, **news.fields})  # a record that it quotes may hold line breaks
    return text.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
