"""Faults of subscribing, on a real socket: acknowledgements, refusals, and what never comes."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox import Sandbox

from .sockets import OTHER, SECOND_LENGTH, SYMBOL, Socket, delivered, faulty, post


def kinds(frames: list[Any]) -> list[tuple[str, str]]:
    """Method or channel with the symbol, of all but heartbeats and greetings."""
    found = []
    for frame in frames:
        if frame.get("channel") in {"heartbeat", "status"}:
            continue
        about = frame.get("result") or frame["data"][0]
        found.append((frame.get("method") or frame["channel"], about["symbol"]))
    return found


def until(client: Socket, **wanted: Any) -> list[Any]:
    """The frames up to the first with these fields, and it."""
    frames = [client.next()]
    while not frames[-1].items() >= wanted.items():
        frames.append(client.next())
    return frames


def client_trades(frames: list[Any]) -> int:
    return sum(frame.get("channel") == "trade" for frame in frames)


def told(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    (entry,) = delivered(sandbox)
    assert entry.items() >= fields.items()
    return entry


def test_an_acknowledgement_is_lost_and_the_data_come() -> None:
    with faulty(f"lose_ack:symbol={OTHER}", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as client:
            client.subscribe("ticker", SYMBOL, OTHER)
            client.send(method="ping")
            frames = until(client, channel="ticker") + until(client, channel="ticker")
            assert ("subscribe", OTHER) not in kinds([frame for frame in frames if "result" in frame])
            assert {("subscribe", SYMBOL), ("ticker", SYMBOL), ("ticker", OTHER)} <= set(
                kinds([frame for frame in frames if frame.get("method") != "pong"])
            )
            client.send(method="unsubscribe", params={"channel": "ticker", "symbol": [OTHER]})
            assert client.next(method="unsubscribe")["success"] is True
            client.subscribe("ticker", OTHER)
            assert client.next(method="subscribe")["result"]["symbol"] == OTHER
        entry = told(sandbox, name="lose_ack", symbol=OTHER, connection=1, sent=[])
        assert '"method":"subscribe"' in entry["frame"]


def test_the_second_acknowledgement_of_a_channel_is_lost() -> None:
    with faulty("lose_ack:channel=trade,at=2", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as client:
            client.subscribe("ticker", SYMBOL, OTHER)
            client.subscribe("trade", SYMBOL, OTHER, "BTC/USD")
            acks = [client.next(method="subscribe")["result"] for _ in range(4)]
        pairs = [(ack["channel"], ack["symbol"]) for ack in acks]
        assert pairs == [("ticker", SYMBOL), ("ticker", OTHER), ("trade", SYMBOL), ("trade", "BTC/USD")]
        told(sandbox, channel="trade")


def test_an_acknowledgement_comes_late_and_the_data_do_not_wait() -> None:
    with faulty("delay_ack:seconds=6") as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL, snapshot=True)
        frames = until(client, method="subscribe")
        assert [frame["type"] for frame in frames if frame.get("channel") == "trade"][:2] == [
            "snapshot",
            "update",
        ]
        entry = told(sandbox, name="delay_ack", connection=1)
        (asked,) = [entry for entry in sandbox.entries if entry["what"] == "receive"]
        assert entry["at"] - asked["at"] >= 6 * SECOND_LENGTH
        assert entry["sent"] == [entry["frame"]]


def test_a_subscription_is_acknowledged_and_never_delivers() -> None:
    with faulty(f"no_delivery:channel=trade,symbol={OTHER}") as sandbox:
        with Socket(sandbox.addresses.ws_public) as client:
            client.subscribe("trade", SYMBOL, OTHER, snapshot=True)
            client.subscribe("ticker", OTHER)
            frames = until(client, channel="ticker", type="update")
            while client_trades(frames) < 60:
                frames.append(client.next())
            seen = set(kinds(frames))
            assert ("trade", OTHER) not in seen
            assert seen >= {("subscribe", OTHER), ("trade", SYMBOL), ("ticker", OTHER)}
            entry = told(sandbox, name="no_delivery", symbol=OTHER, channel="trade", connection=1, sent=[])
            assert '"type":"snapshot"' in entry["frame"]
            client.send(method="unsubscribe", params={"channel": "trade", "symbol": [OTHER]})
            client.next(method="unsubscribe")
            client.subscribe("trade", OTHER, snapshot=True)
            assert len(client.trades(OTHER, 60)) >= 60
        assert len(delivered(sandbox)) == 1


def test_a_subscription_falls_mute_while_it_runs() -> None:
    with faulty() as sandbox, Socket(sandbox.addresses.ws_public) as client:
        client.subscribe("trade", SYMBOL, OTHER)
        client.trades(OTHER, 60)
        post(sandbox, name="no_delivery", channel="trade", symbol=OTHER)
        while not delivered(sandbox):
            client.trades(SYMBOL, 1)
        entry = told(sandbox, symbol=OTHER)
        client.trades(SYMBOL, 100)
        later = [entry["frame"] for entry in sandbox.entries[entry["n"] :] if entry["what"] == "send"]
        assert sum(SYMBOL in frame for frame in later) > 10
        assert not any(OTHER in frame for frame in later)


def test_a_symbol_is_refused_in_the_exchange_s_words() -> None:
    with faulty(f"refuse_symbol:symbol={OTHER},channel=trade,times=2", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as client:
            client.subscribe("ticker", OTHER)
            assert client.next(method="subscribe")["success"] is True
            for number in (1, 2):
                client.subscribe("trade", SYMBOL if number == 1 else "BTC/USD", OTHER)
                answers = [client.next(method="subscribe") for _ in range(2)]
                assert [answer["success"] for answer in answers] == [True, False]
                assert answers[1]["error"] == f"Currency pair not supported {OTHER}"
                assert answers[1]["symbol"] == OTHER
            client.subscribe("trade", OTHER)
            assert client.next(method="subscribe")["success"] is True
        entries = delivered(sandbox)
        assert [(entry["symbol"], entry["refused"]) for entry in entries] == [(OTHER, "trade")] * 2


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        (1, {"errorMessage": "Exceeded msg rate", "event": "error", "reqid": 42}),
        (2, {"errorMessage": "Exceeded msg rate", "event": "subscriptionStatus", "status": "error"}),
        (3, {"Error": "Exceeded msg rate"}),
    ],
)
def test_a_subscribe_exceeds_the_message_rate(form: int, answer: dict[str, Any]) -> None:
    with faulty(f"exceed_rate:form={form},at=2", rate=0) as sandbox:
        with Socket(sandbox.addresses.ws_public) as client:
            params = {"channel": "ticker", "symbol": [SYMBOL], "snapshot": False}
            client.send(method="ping")
            assert client.next(method="pong")
            client.send(method="subscribe", params=params, req_id=41)
            assert client.next(req_id=41)["success"] is True
            client.send(method="subscribe", params={**params, "symbol": [OTHER]}, req_id=42)
            client.send(method="subscribe", params={**params, "symbol": [OTHER]}, req_id=43)
            frames = [frame for frame in until(client, req_id=43) if frame.get("channel") != "heartbeat"]
            assert frames[0] == answer
            assert [frame.get("success") for frame in frames[1:]] == [True]
        entry = told(sandbox, name="exceed_rate", connection=1)
        assert '"req_id": 42' in entry["frame"]
        assert len(entry["sent"]) == 1
