"""Every refusal of API v1, in its words, with the status that the same refusal has over v2 (notes v1 §10)."""

import json

import pytest
from breadth import thinned

from .program import Ended, Program
from .server import Peer, Server
from .server_v1 import QUOTE, data, grant, greet, refuse, url

TOKEN = "TOKENtokenTOKENtokenTOKENtokenTOKENtokenTOK"
SPREAD = data(QUOTE, "spread")


def line(ended: Ended, status: int, *words: str) -> str:
    """The one line on stderr."""
    assert ended.status == status, ended
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.error
    return ended.error


@pytest.mark.parametrize(
    ("words", "named"),
    thinned(
        [
            ("Currency pair not supported XBT/USD", True),
            ("Currency pair not in ISO 4217-A3 format XBT/USD", True),
            ("Subscription depth not supported", True),
            ("Subscription book depth must be an integer", True),
            ("Subscription ohlc interval not supported", True),
            ("Subscription ohlc requires interval", True),
            ("Pair(s) not found", False),
            ("Pair field must be an array", False),
            ("Pair field unsupported for this subscription type", False),
            ("Subscription name invalid", False),
            ("Subscription field must be an object", False),
            ("Subscription object unsupported field", False),
            ("Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com", True),
            ("Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com", True),
            ("Event(s) not found", False),
        ],
        6,
    ),
)
def test_a_refused_subscription_ends_with_64(program: Program, words: str, named: bool) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        refuse(peer, words, named=named)
        peer.hang()

    with Server(script) as server:
        ended = program.run("spread", "BTC/USD", "--api", "v1", "--url", url(server), "--json")
    assert ended.status == 64
    error = json.loads(ended.err)
    assert (error["error"], words in error["message"], "BTC/USD" in error["message"]) == (
        "rejected",
        True,
        True,
    )


def test_already_subscribed_is_as_good_as_granted(program: Program) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        refuse(peer, "Already subscribed")
        peer.send(SPREAD)
        peer.hang()

    with Server(script) as server:
        ended = program.run("spread", "BTC/USD", "--api", "v1", "--url", url(server), "-n", "1")
    assert (ended.status, ended.err, len(ended.lines)) == (0, "", 1)


@pytest.mark.parametrize(
    "notice", ['{"Error":"Exceeded msg rate"}', '{"errorMessage":"Exceeded msg rate","event":"error"}']
)
def test_a_throttled_request_is_made_again(program: Program, notice: str) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        peer.receive()
        peer.send(notice)
        grant(peer)
        peer.send(SPREAD)
        peer.hang()

    with Server(script) as server:
        arguments = ["spread", "BTC/USD", "--api", "v1", "--url", url(server), "-n", "1", "--events"]
        ended = program.hurried(0.05, *arguments).ended()
        assert len(server.peers[0].requests) == 2
    assert ended.status == 0
    news = [one for one in ended.records if one["channel"] == "_feed"]
    assert [one["type"] for one in news] == ["connected", "rejected", "subscribed", "end"]
    assert news[1]["reason"] == "Exceeded msg rate"


def test_a_subscription_that_the_exchange_ends_is_asked_for_again(program: Program) -> None:
    ended_by_exchange = (
        '{"channelID":1,"channelName":"spread","event":"subscriptionStatus","pair":"XBT/USD",'
        '"status":"unsubscribed","subscription":{"name":"spread"}}'
    )

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(SPREAD, ended_by_exchange)
        grant(peer)
        peer.send(SPREAD.replace("64000.00000", "63999.90000"))
        peer.hang()

    with Server(script) as server:
        arguments = ["spread", "BTC/USD", "--api", "v1", "--url", url(server), "-n", "2", "--events"]
        ended = program.hurried(0.02, *arguments).ended()
    assert ended.status == 0
    kinds = [one["type"] for one in ended.records if one["channel"] == "_feed"]
    assert kinds == ["connected", "subscribed", "rejected", "subscribed", "gap", "end"]
    types = [one["type"] for one in ended.records if one["channel"] == "spread"]
    assert types == ["snapshot", "snapshot"]


@pytest.mark.parametrize("state", ["maintenance", "cancel_only", "post_only", "limit_only"])
def test_a_state_of_the_engine_is_told(program: Program, state: str) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        peer.send(f'{{"event":"systemStatus","status":"{state}","version":"1.9.1"}}')
        peer.hang()

    with Server(script) as server:
        ended = program.run("status", "--api", "v1", "--url", url(server), "-n", "2")
    assert [one["system"] for one in ended.records] == ["online", state]
    assert ended.records[0]["connection_id"] == "13688620010177543517"
    assert "connection_id" not in ended.records[1]


@pytest.mark.parametrize(
    "frame",
    [
        data('["64000.00000","NaN","1750000142.601204","0.90000000","0.50000000"]', "spread"),
        data('["64000.00000"]', "spread"),
        data("{}", "spread"),
    ],
)
def test_a_record_that_cannot_be_decoded_ends_with_76(program: Program, frame: str) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(SPREAD, frame)
        peer.hang()

    with Server(script) as server:
        ended = program.run("spread", "BTC/USD", "--api", "v1", "--url", url(server))
    line(ended, 76, "spread")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("instrument", ["API v1 has no instrument", "--api v1"]),
        ("level3 BTC/USD", ["API v1 has no level3"]),
        ("balances", ["API v1 has no balances"]),
        ("executions", ["API v1 has no executions"]),
        ("ticker BTC/USD --event-trigger bbo", ["--event-trigger", "API v2 only"]),
        ("ticker BTC/USD --no-snapshot", ["always begins with the present state"]),
        ("trade BTC/USD --snapshot", ["never begins with the present state"]),
        ("watch ticker:BTC/USD,event-trigger=bbo", ["--event-trigger", "API v2 only"]),
        ("watch instrument", ["API v1 has no instrument"]),
        ("ticker BTC/USD --url wss://ws.kraken.com/v2", ["API v2", "take /v2 away"]),
    ],
)
def test_what_v1_does_not_have_is_said_before_anything_is_dialled(
    program: Program, arguments: str, words: list[str]
) -> None:
    line(program.run(*arguments.split(), "--api", "v1"), 2, *words)


@pytest.mark.parametrize("words", ["Token is expired", "ESession:Invalid session"])
def test_a_token_is_refused_twice_and_then_77(program: Program, words: str) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        refuse(peer, words)
        peer.hang()

    with Server(script) as server:
        env = {"KRAKEN_WS_TOKEN": TOKEN}
        ended = program.run("open-orders", "--api", "v1", "--url", url(server), "-q", env=env)
        assert len(server.peers) == 2
    said = line(ended, 77, words, "kraken-stream token")
    assert TOKEN not in said


def test_a_missing_right_is_named(program: Program) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        refuse(peer, "EGeneral:Permission denied")
        peer.hang()

    with Server(script) as server:
        env = {"KRAKEN_WS_TOKEN": TOKEN}
        ended = program.run("own-trades", "--api", "v1", "--url", url(server), env=env)
    line(ended, 77, "Permission denied", "'Query closed orders & trades'")
