"""The private connection as a counter, over real sockets."""

import time

import pytest
from cli.server import Peer, Server
from cli.trader import STAMPS

from krakencli.clock import Clock
from krakencli.errors import AuthError, UnreachableError
from krakencli.trading.desk import Desk
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link


def desk(url: str, **more: object) -> Desk:
    def connect(to: Inbox[Arrival]) -> Link:
        return Link(url, to, **{"fetch_token": lambda: "TOKEN", **more})  # type: ignore[arg-type]

    return Desk(connect, Clock())


def answering(count: int) -> object:
    def script(peer: Peer) -> None:
        peer.greet()
        while True:
            peer.receive_text()
            for number in range(count):
                peer.send(f'{{"method":"m","req_id":1,"success":true,"result":{{"n":{number}}},{STAMPS}}}')

    return script


@pytest.mark.parametrize(
    ("sent", "expected", "settle", "most"), [(1, 1, 0.0, 1), (3, 2, 0.0, 3), (3, 1, 0.3, 3)]
)
def test_answers_are_gathered(sent: int, expected: int, settle: float, most: int) -> None:
    with Server(answering(sent)) as server:  # type: ignore[arg-type]
        one = desk(server.url)
        one.open()
        result = one.ask("m", dict, within=5.0, expected=expected, settle=settle)
        one.close()
    assert result.lost == ""
    assert expected <= len(result.answers) <= most


def test_a_missing_answer_is_told() -> None:
    with Server(answering(1)) as server:  # type: ignore[arg-type]
        one = desk(server.url)
        one.open()
        began = time.monotonic()
        result = one.ask("m", dict, within=0.3, expected=2)
        assert time.monotonic() - began < 3
        one.close()
    assert (len(result.answers), result.lost) == (1, "no answer within 0.3 s")


def test_a_lost_connection_is_told() -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.receive_text()
        peer.cut()

    with Server(script) as server:
        one = desk(server.url)
        one.open()
        result = one.ask("m", dict, within=30.0)
        assert not one.alive
    assert result.answers == []
    assert "cut" in result.lost


def test_the_first_attempt_may_fail() -> None:
    def script(peer: Peer) -> None:
        if peer.number == 1:
            peer.cut()
        answering(1)(peer)  # type: ignore[operator]

    with Server(script) as server:
        one = desk(server.url)
        one.open(tries=(0.0, 0.01))
        assert one.ask("m", dict, within=5.0).lost == ""
        assert len(server.peers) == 2
        one.close()


def test_a_spent_budget_is_said_at_once() -> None:
    one = desk("ws://127.0.0.1:1/v2", admit=lambda: 300.0)
    with pytest.raises(UnreachableError, match="the next in 300 s") as caught:
        one.open()
    assert "--via rest" in caught.value.suggestion


def test_a_token_that_is_refused_is_no_matter_of_trying_again() -> None:
    tries = []

    def refuse() -> str:
        tries.append(1)
        raise AuthError("no")

    with pytest.raises(AuthError):
        desk("ws://127.0.0.1:1/v2", fetch_token=refuse).open()
    assert len(tries) == 1


def test_no_answer_to_the_handshake() -> None:
    with Server(Peer.hang) as server, pytest.raises(UnreachableError, match="no answer in time"):
        desk(server.url).open(tries=(0.0,), within=0.2)
