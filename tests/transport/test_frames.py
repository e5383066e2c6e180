"""Frames of every form, cut in every way, become messages; what is no WebSocket text ends the link."""

import random

import pytest

from krakencli.transport.link import Closed

from .server import BINARY, CLOSE, CONT, PING, PONG, TEXT, Client, Peer, Server, close, frame

SHORT = b'{"channel":"heartbeat"}'
SIZES = [0, 1, 2, 125, 126, 127, 255, 256, 65535, 65536, 70_000, 3 << 20]


def message(size: int) -> bytes:
    return (b'{"n":%d}' % size).ljust(size, b" ")[:size]


def conversation(*pieces: bytes, together: bool = True) -> tuple[list[bytes], Closed]:
    """What a client hears of these pieces, sent behind the handshake, and how it ends."""

    def script(peer: Peer) -> None:
        peer.accept()
        for piece in [b"".join(pieces)] if together else pieces:
            peer.send(piece)
        peer.receive_end()

    with Server(script) as server, Client(server.url) as client:
        return client.open().rest()


@pytest.mark.parametrize("size", SIZES)
def test_lengths(size: int) -> None:
    found, end = conversation(frame(message(size)), frame(SHORT), close(1000))
    assert found == [message(size), SHORT]
    assert end.code == 1000


@pytest.mark.parametrize("wide", [16, 64])
def test_lengths_written_wider_than_needed(wide: int) -> None:
    found, _ = conversation(frame(SHORT, wide=wide), frame(message(200), wide=wide), frame(SHORT), close())
    assert found == [SHORT, message(200), SHORT]


def test_many_in_one_segment() -> None:
    messages = [message(size) for size in range(300)]
    found, _ = conversation(*map(frame, messages), close())
    assert found == messages


def test_behind_the_handshake_in_its_segment() -> None:
    def script(peer: Peer) -> None:
        peer.accept(more=frame(SHORT) + frame(message(200)) + close(1001))

    with Server(script) as server, Client(server.url) as client:
        found, end = client.open().rest()
    assert (found, end.code) == ([SHORT, message(200)], 1001)


def test_one_byte_at_a_time() -> None:
    """Each byte arrives by itself, so every header and every length is seen half."""
    stream = frame(SHORT) + frame(message(130)) + frame(b"ab", fin=False) + frame(b"p", PING)
    stream += frame(b"cd", CONT) + frame(SHORT, wide=64) + close(1013, "later")

    def script(peer: Peer) -> list[tuple[int, bytes]]:
        peer.accept()
        for at in range(len(stream)):
            peer.send(stream[at : at + 1])
        return [peer.receive(), peer.receive()]

    with Server(script) as server, Client(server.url) as client:
        found, end = client.open().rest()
        assert server.result() == [(PONG, b"p"), (CLOSE, b"\x03\xe8")]
    assert found == [SHORT, message(130), b"abcd", SHORT]
    assert (end.code, end.reason.endswith("later")) == (1013, True)


def test_cuts_at_random() -> None:
    rng = random.Random(7)
    messages = [message(rng.choice([3, 40, 125, 126, 300, 5000, 66_000])) for _ in range(200)]
    stream = b"".join(frame(one) for one in messages) + close(1000)
    pieces, at = [], 0
    while at < len(stream):
        size = rng.choice([1, 2, 3, 10, 100, 4000, 30_000])
        pieces.append(stream[at : at + size])
        at += size
    found, _ = conversation(*pieces, together=False)
    assert found == messages


def test_fragments_with_a_ping_between() -> None:
    def script(peer: Peer) -> tuple[int, bytes]:
        peer.accept()
        peer.send(frame(b'{"a"', fin=False), frame(b"", CONT, fin=False), frame(b"here?", PING))
        peer.send(frame(b":1}", CONT), frame(SHORT))
        answer = peer.receive()
        peer.send(close())
        return answer

    with Server(script) as server, Client(server.url) as client:
        found, _ = client.open().rest()
        assert server.result() == (PONG, b"here?")
    assert found == [b'{"a":1}', SHORT]


def test_fragments_may_cut_a_character() -> None:
    text = '"ü€𝄞"'.encode()
    found, end = conversation(
        *(frame(text[i : i + 1], TEXT if i == 0 else CONT, fin=False) for i in range(len(text))),
        frame(b"", CONT),
        close(),
    )
    assert (found, end.garbage) == ([text], False)


@pytest.mark.parametrize("payload", [b"", b"x", b"p" * 125])
def test_a_ping_is_answered_with_its_payload(payload: bytes) -> None:
    def script(peer: Peer) -> tuple[int, bytes]:
        peer.accept()
        peer.send(frame(payload, PING))
        return peer.receive()

    with Server(script) as server, Client(server.url):
        assert server.result() == (PONG, payload)


def test_a_pong_is_ignored() -> None:
    found, end = conversation(frame(b"", PONG), frame(SHORT), frame(b"x" * 125, PONG), close(1000))
    assert (found, end.code) == ([SHORT], 1000)


def test_a_binary_frame_is_a_message() -> None:
    """The exchange sends none; what it would hold is the protocol's to judge."""
    found, _ = conversation(frame(b"\x00\x01", BINARY), frame(SHORT), close())
    assert found == [b"\x00\x01", SHORT]


ILLEGAL = {
    "a text within fragments": frame(b"a", fin=False) + frame(SHORT),
    "a continuation of nothing": frame(b"a", CONT),
    "a reserved bit": frame(SHORT, rsv=4),
    "a reserved bit of a long frame": frame(message(70_000), rsv=4),
    "an unknown opcode": frame(SHORT, 3),
    "an unknown control opcode": frame(b"", 11),
    "a masked frame": frame(SHORT, mask=b"abcd"),
    "a masked long frame": frame(message(70_000), mask=b"abcd"),
    "a masked ping": frame(b"x", PING, mask=b"abcd"),
    "an oversized frame": b"\x81\x7f" + (1 << 40).to_bytes(8),
    "a negative length": b"\x81\x7f" + b"\xff" * 8,
    "a long ping": frame(b"x" * 126, PING),
    "a ping in fragments": frame(b"x", PING, fin=False),
    "a close of one byte": frame(b"\x03", CLOSE),
    "a close with a code that must not be sent": close(1005),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_is_not_allowed_is_garbage_behind_the_good(name: str) -> None:
    found, end = conversation(frame(SHORT), frame(message(200)), ILLEGAL[name], frame(SHORT))
    assert found == [SHORT, message(200)]
    assert (end.garbage, end.opened, end.permanent, end.code) == (True, True, False, None)
    assert end.reason


@pytest.mark.parametrize(
    "bad", [b"\xff", b'"\xc3"', b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"], ids=lambda bad: bad.hex()
)
@pytest.mark.parametrize("fragmented", [False, True])
def test_invalid_text_is_garbage_behind_the_good(bad: bytes, fragmented: bool) -> None:
    pieces = [frame(bad[:1], fin=False), frame(bad[1:], CONT)] if fragmented else [frame(bad)]
    found, end = conversation(frame("ü".encode()), frame(SHORT), *pieces, frame(SHORT), close(1000))
    assert found == ["ü".encode(), SHORT]
    assert (end.garbage, "UTF-8" in end.reason) == (True, True)
