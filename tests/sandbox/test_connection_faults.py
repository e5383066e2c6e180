"""Faults of connections and of single frames: what a client on a real socket sees, and what the log tells."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from typing import Any

import pytest
import websocket
from websocket import ABNF

from krakencli.sandbox import Fault, Sandbox
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.spoilt import HUGE_BYTES

from .kit import decode, make_exchange
from .sockets import OTHER, SECOND_LENGTH, SYMBOL, Socket, call, delivered, faulty, post

HEARTBEAT = '{"channel":"heartbeat"}'


def told(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    """The one fault in the log, which must have these fields."""
    (entry,) = delivered(sandbox)
    assert entry.items() >= fields.items()
    return entry


def sent_to(sandbox: Sandbox, connection: int) -> list[str]:
    return [
        entry["frame"]
        for entry in sandbox.entries
        if entry["what"] == "send" and entry["connection"] == connection
    ]


def beats(client: Socket, count: int) -> None:
    """Waits for so many heartbeats of a client."""
    for _ in range(count):
        client.next(channel="heartbeat")


def test_a_connection_is_cut_without_a_word_after_so_many_frames() -> None:
    with faulty("drop_connection:after=7") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        assert len(list(client.texts())) == 7
        told(sandbox, name="drop_connection", fault=1, connection=1, sent=[])
        with Socket(sandbox.addresses.ws_public) as second:
            second.subscribe("trade", SYMBOL)
            assert len(second.trades(SYMBOL, 60)) >= 60


def test_a_quiet_connection_is_cut_at_once() -> None:
    with faulty(rate=0) as sandbox:
        url = sandbox.addresses.ws_v1
        with Socket(url) as first, Socket(url) as second:
            assert [first.next()["event"], second.next()["event"]] == ["systemStatus"] * 2
            answer = post(sandbox, name="drop_connection", connection=2)
            assert answer == {"fault": 1, "name": "drop_connection", "times": 1, "after": 0, "connection": 2}
            assert list(second.texts()) == []
            told(sandbox, connection=2)
            first.send(event="ping")
            assert first.next() == {"event": "pong"}


def test_so_many_connections_are_cut_as_it_says() -> None:
    with faulty("drop_connection:times=2,after=1") as sandbox:
        for _ in range(2):
            with Socket(sandbox.addresses.ws_public) as client:
                assert len(list(client.texts())) == 1
        with Socket(sandbox.addresses.ws_public) as client:
            client.send(method="ping")
            assert client.next(method="pong")
        assert [entry["connection"] for entry in delivered(sandbox)] == [1, 2]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1001, "CloudFlare WebSocket proxy restarting"),
        (1011, ""),
        (1012, ""),
        (1013, "Market data unavailable"),
    ],
)
def test_a_connection_is_closed_with_a_code(code: int, reason: str) -> None:
    with faulty() as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        client.trades(SYMBOL, 1)
        post(sandbox, name="close", code=code, reason=reason)
        opcode, data = client.message()
        while opcode == ABNF.OPCODE_TEXT:
            opcode, data = client.message()
        assert (opcode, data) == (ABNF.OPCODE_CLOSE, struct.pack("!H", code) + reason.encode())
        told(sandbox, name="close", connection=1, code=code, reason=reason)
        (closed,) = [entry for entry in sandbox.entries if entry["what"] == "close"]
        assert closed["code"] == code


def test_a_close_after_so_many_frames() -> None:
    with faulty("close:after=4,code=1012") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        opcodes = [client.message()[0] for _ in range(5)]
        assert opcodes == [ABNF.OPCODE_TEXT] * 4 + [ABNF.OPCODE_CLOSE]
        assert len(sent_to(sandbox, 1)) == 4


@pytest.mark.parametrize("status", [403, 429, 503])
def test_handshakes_are_refused(status: int) -> None:
    with faulty(f"refuse_handshake:status={status},times=2,at=2,path=/v2") as sandbox:
        url = sandbox.addresses.ws_public
        with Socket(url) as client:
            assert client.next()["channel"] == "status"
        for _ in range(2):
            with pytest.raises(websocket.WebSocketBadStatusException) as refused:
                Socket(url)
            assert refused.value.status_code == status
            headers = refused.value.resp_headers or {}
            assert headers["content-type"].startswith("text/html")
            with Socket(sandbox.addresses.ws_auth) as client:
                assert client.next()["channel"] == "status"
        with Socket(url) as client:
            assert client.next()["channel"] == "status"
        entries = [(entry["path"], entry["status"]) for entry in delivered(sandbox)]
        assert entries == [("/v2", status)] * 2


def test_a_stall_with_heartbeats_leaves_heartbeats_and_pongs() -> None:
    with faulty() as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        client.trades(SYMBOL, 60)
        post(sandbox, name="stall")
        client.send(method="ping", req_id=9)
        client.next(method="pong", req_id=9)
        client.subscribe("trade", OTHER)
        assert [client.text() for _ in range(6)] == [HEARTBEAT] * 6
        client.socket.ping("alive?")
        while (message := client.message())[0] == ABNF.OPCODE_TEXT:
            assert message[1].decode() == HEARTBEAT
        assert message == (ABNF.OPCODE_PONG, b"alive?")
        told(sandbox, name="stall", connection=1, heartbeats=True)


def test_a_stall_without_heartbeats_is_dead_silence() -> None:
    with faulty("stall:after=2,heartbeats=false") as sandbox:
        with Socket(sandbox.addresses.ws_public) as dead, Socket(sandbox.addresses.ws_public) as other:
            dead.subscribe("trade", SYMBOL)
            assert [dead.next().get("channel"), dead.next().get("method")] == ["status", "subscribe"]
            dead.socket.ping("alive?")
            dead.send(method="ping")
            other.subscribe("trade", SYMBOL)
            beats(other, 10)
            told(sandbox, name="stall", connection=1, heartbeats=False)
            assert not dead.is_readable()
            dead.socket.send_close()
            assert list(dead.texts()) == []
        assert len(sent_to(sandbox, 1)) == 2


def test_after_a_stall_with_an_end_what_was_withheld_comes() -> None:
    with faulty() as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        ids = client.trades(SYMBOL, 60)
        post(sandbox, name="stall", seconds=8)
        while not (delivered(sandbox) and trades_sent_after(sandbox, delivered(sandbox)[0])):
            ids += client.trades(SYMBOL, 1)
        ids += client.trades(SYMBOL, 50)
        entry = told(sandbox, name="stall")
        first = trades_sent_after(sandbox, entry)[0]
        assert first["at"] - entry["at"] >= 8 * SECOND_LENGTH
        assert ids == list(range(ids[0], ids[0] + len(ids)))


def trades_sent_after(sandbox: Sandbox, fault: dict[str, Any]) -> list[dict[str, Any]]:
    later = [entry for entry in sandbox.entries if entry["n"] > fault["n"] and entry["what"] == "send"]
    return [entry for entry in later if '"channel":"trade"' in entry["frame"]]


def test_maintenance_and_back_is_told_to_everybody() -> None:
    stages = ["maintenance", "cancel_only", "post_only", "online"]
    with faulty(rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as first, Socket(sandbox.addresses.ws_v1) as second:
            assert first.next()["data"][0]["system"] == "online"
            post(sandbox, name="system", seconds=6)
            assert first.next(channel="status")["data"][0]["system"] == "maintenance"
            told_v2 = [first.next(channel="status")["data"][0]["system"] for _ in range(3)]
            assert told_v2 == stages[1:]
            told_v1 = [second.next(event="systemStatus")["status"] for _ in range(5)]
            assert told_v1 == ["online", *stages]
        entries = delivered(sandbox)
    assert [entry["system"] for entry in entries] == stages
    apart = [later["at"] - earlier["at"] for earlier, later in pairwise(entries)]
    assert all(seconds >= 0.95 * 6 * SECOND_LENGTH for seconds in apart)


def test_during_maintenance_new_connections_and_rest_tell_of_it() -> None:
    with faulty("system:after=1,seconds=100000", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as first:
            systems = [first.next(channel="status")["data"][0]["system"] for _ in range(2)]
            assert systems == ["online", "maintenance"]
        with Socket(sandbox.addresses.ws_public) as late:
            assert late.next()["data"][0]["system"] == "maintenance"
        assert call(sandbox, "SystemStatus").json()["result"]["status"] == "maintenance"
        told(sandbox, name="system", system="maintenance")


def test_garbage_comes_between_two_frames() -> None:
    with faulty("garbage:after=3,times=2") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        frames = [client.text() for _ in range(9)]
        wrong = [place for place, frame in enumerate(frames) if not is_json(frame)]
        assert wrong == [3, 5]
        assert [entry["sent"] for entry in delivered(sandbox)] == [[frames[place]] for place in wrong]


def test_garbage_never_follows_garbage() -> None:
    exchange = make_exchange(faults=(Fault("garbage", times=3),))
    passed = FaultDesk(exchange).filter(1)
    (garbage,) = passed.tick(0.0)
    assert passed.tick(1.0) == []
    assert passed("{}") == ["{}"]
    assert passed.tick(2.0) == [garbage]
    assert [passed("{}"), passed("{}"), passed("{}")] == [["{}"], [garbage, "{}"], ["{}"]]


def test_frames_of_one_symbol_are_cut_in_their_middle() -> None:
    spec = f"truncated:symbol={OTHER},channel=trade,times=6"
    with faulty(spec) as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("ticker", SYMBOL, OTHER, "BTC/USD")
        client.subscribe("trade", SYMBOL, OTHER, "BTC/USD", snapshot=True)
        cut: list[str] = []
        while len(cut) < 6:
            frame = client.text()
            cut += [] if is_json(frame) else [frame]
        entries = delivered(sandbox)
        assert [entry["sent"] for entry in entries] == [[frame] for frame in cut]
        for entry, frame in zip(entries, cut, strict=True):
            whole = entry["frame"]
            told_of = decode(whole)
            assert (told_of["channel"], told_of["data"][0]["symbol"]) == ("trade", OTHER)
            assert whole.startswith(frame)
            assert len(frame) == len(whole) // 2
        assert is_json(client.text())


def test_a_fragmented_frame_does_no_harm() -> None:
    with faulty("fragmented:times=1000") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        ids = client.trades(SYMBOL, 80)
        assert ids == list(range(ids[0], ids[0] + len(ids)))
        entry = delivered(sandbox)[0]
        assert entry["sent"] == [entry["frame"]]


def test_a_frame_arrives_in_three_fragments() -> None:
    with faulty("fragmented") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL)
        frames = [client.frame() for _ in range(6)]
        entry = told(sandbox, name="fragmented", connection=1)
        pieces = [frame for frame in frames if not frame.fin or frame.opcode == ABNF.OPCODE_CONT]
        assert [(piece.opcode, piece.fin) for piece in pieces] == [(1, 0), (0, 0), (0, 1)]
        assert b"".join(piece.data for piece in pieces).decode() == entry["frame"]


def test_a_huge_frame_of_an_unknown_channel() -> None:
    # Reading it may take longer than a client without a subscription may be silent in a hurried sandbox.
    with faulty("huge:after=1", second=1.0) as sandbox, Socket(sandbox.addresses.ws_public) as client:
        assert client.next()["channel"] == "status"
        frame = client.text()
        assert len(frame) == HUGE_BYTES == 2 * 1024 * 1024
        assert json.loads(frame)["channel"] == "sandbox_huge"
        entry = told(sandbox, name="huge", size=HUGE_BYTES)
        assert frame.startswith(entry["sent"][0])
        client.send(method="ping")
        assert client.next()["method"] == "pong"


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
