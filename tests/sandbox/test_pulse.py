"""Heartbeats and the idle time-out, on a clock moved by hand."""

from __future__ import annotations

from krakencli.sandbox.frames import HEARTBEAT

from .kit import Client, make_exchange, play


def beats(client: Client, until: float, step: float = 0.1) -> list[float]:
    """The times of heartbeats up to `until`, ticking in between."""
    found = []
    while client.now < until:
        client.now = round(client.now + step, 6)
        client.session.tick(client.now)
        found += [client.now for frame in client.take() if frame == HEARTBEAT]
    return found


def test_no_heartbeat_before_the_first_subscribe_request() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",)))
    client.ask(method="ping")
    assert beats(client, 5.0) == []


def test_even_a_refused_subscribe_starts_one_a_second() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",)))
    client.subscribe("ticker", "NOPE/USD")
    assert beats(client, 4.05) == [1.0, 2.0, 3.0, 4.0]
    client.subscribe("ticker", "NOPE/USD")
    assert beats(client, 6.05) == [5.0, 6.0]


def test_a_stall_brings_no_burst() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",)))
    client.subscribe("ticker", "NOPE/USD")
    client.now = 10.3
    assert beats(client, 12.0) == [10.4, 11.4]


def test_idle_mode_beats_only_into_silence() -> None:
    exchange = make_exchange(symbols=("BTC/USD",), heartbeat="idle")
    client = Client(exchange)
    client.subscribe("book", "BTC/USD")
    assert beats(client, 1.05) == []
    assert beats(client, 3.05) == [2.0, 3.0]
    for _ in play(exchange, 5):
        pass
    assert beats(client, 4.05) == []
    assert beats(client, 5.05) == [5.0]


def test_always_mode_beats_beside_traffic() -> None:
    exchange = make_exchange(symbols=("BTC/USD",))
    client = Client(exchange)
    client.subscribe("book", "BTC/USD")
    for _ in play(exchange, 5):
        pass
    assert beats(client, 2.05) == [1.0, 2.0]


def closing_time(client: Client, until: float) -> float | None:
    while client.now < until:
        client.now += 1
        if client.session.tick(client.now) is not None:
            return client.now
    return None


def test_a_silent_client_without_subscription_is_closed_after_a_minute() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",)))
    client.session.tick(0.0)
    client.now = 50.0
    client.ask(method="ping")
    assert closing_time(client, 200) == 110.0


def test_a_subscription_keeps_the_connection_and_its_end_does_not() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",)))
    client.subscribe("trade", "BTC/USD")
    assert closing_time(client, 600) is None
    client.ask(method="unsubscribe", params={"channel": "trade", "symbol": ["BTC/USD"]})
    assert closing_time(client, 700) == 660.0


def test_a_shorter_second_shortens_both() -> None:
    client = Client(make_exchange(symbols=("BTC/USD",), second=0.01))
    client.subscribe("trade", "NOPE/USD")
    assert len(beats(client, 0.1005, 0.001)) == 10
    assert client.session.tick(0.59) is None
    assert client.session.tick(0.61) == 1000
