"""The queue of one connection, on a transport that takes what it is told to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from krakencli.sandbox.wire import Outgoing, encode


class Transport:
    """Holds what is written until `drain` lets the client have it."""

    def __init__(self) -> None:
        self.waiting = b""
        self.delivered = b""
        self.writes = 0

    def get_write_buffer_size(self) -> int:
        return len(self.waiting)

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.writes += 1
        self.waiting += data

    def drain(self) -> None:
        self.delivered += self.waiting
        self.waiting = b""


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_is_whole_unmasked_text(size: int, head: bytes) -> None:
    assert encode("x" * size) == head + b"x" * size


def make() -> tuple[Any, Outgoing]:
    transport: Any = Transport()
    return transport, Outgoing(transport)


def test_many_frames_leave_in_one_write() -> None:
    transport, outgoing = make()
    for number in range(100):
        outgoing.send(str(number))
    assert outgoing.flush()
    assert transport.writes == 1
    assert transport.waiting == b"".join(encode(str(number)) for number in range(100))


def test_a_slow_reader_is_queued_and_nothing_is_lost() -> None:
    transport, outgoing = make()
    frames = [f"{number:06d}" * 1000 for number in range(500)]
    for frame in frames:
        outgoing.send(frame)
        assert outgoing.flush()
    assert len(transport.waiting) < 300_000
    while transport.waiting:
        transport.drain()
        outgoing.flush()
    assert transport.delivered == b"".join(map(encode, frames))


def test_a_reader_beyond_hope_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("krakencli.sandbox.wire._HOPELESS", 1 << 20)
    _, outgoing = make()
    hopeful = []
    for _ in range(3):
        outgoing.send("x" * 600_000)
        hopeful.append(outgoing.flush())
    assert hopeful == [True, True, False]


def test_filters_may_drop_change_and_add_frames() -> None:
    noted: list[str] = []
    transport: Any = Transport()
    outgoing = Outgoing(transport, noted.append)

    def drop_b(frame: str) -> Iterable[str]:
        return () if frame == "b" else (frame,)

    outgoing.filters += [drop_b, lambda frame: (frame, frame.upper())]
    for frame in "abc":
        outgoing.send(frame)
    outgoing.flush()
    assert transport.waiting == b"".join(map(encode, "aAcC"))
    assert noted == list("aAcC")
