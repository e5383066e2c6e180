"""The queue between the threads, and backpressure through it to the server."""

import queue
import threading
import time

import pytest

from krakencli.transport.inbox import Inbox

from .server import PATIENCE, PING, PONG, Client, Peer, Server, close, frame


def test_in_order_and_counted() -> None:
    inbox: Inbox[str] = Inbox(limit=10)
    assert inbox.empty()
    inbox.put("a", 6)
    assert inbox.wait_for_room(0)
    inbox.put("b", 6)
    assert not inbox.wait_for_room(0)
    assert not inbox.empty()
    assert inbox.get(1) == "a"
    assert inbox.wait_for_room(0)
    assert [inbox.get(0), inbox.get(0)] == ["b", None]


def test_one_item_may_be_larger_than_the_limit() -> None:
    inbox: Inbox[str] = Inbox(limit=10)
    inbox.put("a", 1000)
    assert not inbox.wait_for_room(0)
    assert inbox.get(0) == "a"
    assert inbox.wait_for_room(0)


def test_what_weighs_nothing_is_never_held_back() -> None:
    inbox: Inbox[str] = Inbox(limit=1)
    for _ in range(100):
        inbox.put("news")
    assert inbox.wait_for_room(0)


def test_nothing_comes_in_time() -> None:
    inbox: Inbox[str] = Inbox()
    began = time.monotonic()
    assert inbox.get(0.05) is None
    assert time.monotonic() - began >= 0.05


def test_a_wake_up_ends_a_wait_at_once() -> None:
    inbox: Inbox[str] = Inbox()
    threading.Timer(0.02, inbox.wake).start()
    began = time.monotonic()
    assert inbox.get(PATIENCE) is None
    assert time.monotonic() - began < PATIENCE / 2
    inbox.wake()
    inbox.put("a")
    assert [inbox.get(0), inbox.get(0)] == [None, "a"]


def test_room_wakes_the_one_who_waits() -> None:
    inbox: Inbox[str] = Inbox(limit=1)
    inbox.put("a", 1)
    found: list[bool] = []
    waiter = threading.Thread(target=lambda: found.append(inbox.wait_for_room(PATIENCE)))
    waiter.start()
    assert inbox.get(0) == "a"
    waiter.join(PATIENCE)
    assert found == [True]


def waiting(inbox: Inbox[str], found: "queue.SimpleQueue[bool]") -> None:
    """Five threads that wait for room."""
    for _ in range(5):
        threading.Thread(target=lambda: found.put(inbox.wait_for_room(PATIENCE)), daemon=True).start()


def test_room_beside_what_still_waits_lets_one_go_on() -> None:
    inbox: Inbox[str] = Inbox(limit=20)
    found: queue.SimpleQueue[bool] = queue.SimpleQueue()
    for _ in range(4):
        inbox.put("a", 10)
    waiting(inbox, found)
    for _ in range(3):
        assert inbox.get(0) == "a"
    assert found.get(timeout=PATIENCE / 2)
    assert inbox.get(0) == "a"  # the others leave too


def test_an_inbox_that_was_emptied_lets_all_go_on() -> None:
    inbox: Inbox[str] = Inbox(limit=1)
    found: queue.SimpleQueue[bool] = queue.SimpleQueue()
    inbox.put("a", 1)
    waiting(inbox, found)
    assert inbox.get(0) == "a"
    assert all(found.get(timeout=PATIENCE / 2) for _ in range(5))


def test_a_full_inbox_pushes_back_and_loses_nothing() -> None:
    """The server cannot get rid of its data while nobody takes it, and then everything arrives."""
    count, size = 400, 100_000
    stuck = threading.Event()

    def script(peer: Peer) -> int:
        peer.accept()
        peer.socket.settimeout(0.3)
        stream, sent = b"".join(frame(b"%06d" % number * (size // 6)) for number in range(count)), 0
        view = memoryview(stream)
        while sent < len(stream):
            try:
                sent += peer.socket.send(view[sent : sent + 65536])
            except TimeoutError:
                if not stuck.is_set():
                    held = len(stream) - sent
                    stuck.set()
        peer.send(close(1000))
        return held

    with Server(script) as server, Client(server.url, limit=1 << 20) as client:
        client.open()
        assert stuck.wait(PATIENCE)
        found, end = client.rest()
        assert server.result() > 10 << 20
    assert [message[:6] for message in found] == [b"%06d" % number for number in range(count)]
    assert {len(message) for message in found} == {size // 6 * 6}
    assert end.code == 1000


@pytest.mark.parametrize("queued", [0, 1])
def test_a_full_inbox_keeps_the_connection_alive(queued: int) -> None:
    def script(peer: Peer) -> list[tuple[int, bytes]]:
        peer.accept(more=frame(b"x" * 100))
        seen = [peer.receive() for _ in range(3 + queued)]
        spoken.set()
        peer.send(frame(b"late", PING), close(1000))
        seen.append(peer.receive())
        return seen

    spoken = threading.Event()
    with Server(script) as server, Client(server.url, limit=10, keep_alive=0.05) as client:
        client.open()
        while client.inbox.wait_for_room(0):
            pass
        for _ in range(queued):
            client.link.send(b"asked meanwhile")
        assert spoken.wait(PATIENCE)
        assert client.messages(1) == [b"x" * 100]
        seen = server.result()
        assert seen.count((PONG, b"")) == 3
        assert seen.count((1, b"asked meanwhile")) == queued
        assert seen[-1] == (PONG, b"late")
