"""When to try again, and when to give up."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.errors import ProtocolError, StreamError, UnreachableError
from krakencli.feed.reconnect import Reconnection, backoff
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Closed, Link

LINK = Link("wss://exchange.test/v2", Inbox())
LINK.close()


def closed(reason: str = "cut", **more: Any) -> Closed:
    return Closed(LINK, reason, **{"opened": False, **more})


def delays(count: int, *, succeeded: bool = True, maintenance: bool = False, **more: Any) -> list[float]:
    reconnection = Reconnection(random.Random(1), -1)
    return [
        reconnection.after(closed(**more), succeeded=succeeded, maintenance=maintenance) for _ in range(count)
    ]


@given(st.integers())
def test_the_delays_grow_to_half_a_minute_with_a_little_chance(seed: int) -> None:
    steps = backoff(random.Random(seed))
    found = [next(steps) for _ in range(9)]
    for delay, base in zip(found, (0, 1, 2, 5, 10, 20, 30, 30, 30), strict=True):
        assert base <= delay <= base * 1.2


def test_chance_differs() -> None:
    assert (
        len({tuple(next(steps) for _ in range(4)) for steps in map(backoff, map(random.Random, range(5)))})
        == 5
    )


def test_health_starts_again_at_once() -> None:
    reconnection = Reconnection(random.Random(1), 3)
    for _ in range(3):
        reconnection.after(closed(), succeeded=True, maintenance=False)
    assert reconnection.failures == 3
    reconnection.healthy()
    assert reconnection.after(closed(), succeeded=True, maintenance=False) == 0.0
    assert reconnection.failures == 1


def test_maintenance_is_not_hurried() -> None:
    assert min(delays(8, maintenance=True)) >= 5.0


def test_an_outage_of_market_data_is_not_hurried() -> None:
    """Close code 1013 is answered as maintenance is (limits §6)."""
    assert min(delays(8, code=1013)) >= 5.0
    assert delays(1, code=1001) == [0.0]


@pytest.mark.parametrize("status", [403, 429])
def test_a_ban_is_waited_for(status: int) -> None:
    assert delays(4, http_status=status, permanent=status == 403) == [60.0, 600.0, 600.0, 600.0]


def test_another_status_is_no_ban() -> None:
    assert delays(2, http_status=503)[0] == 0.0


def give_up(retry: int | None, *, succeeded: bool = False, **more: Any) -> tuple[int, StreamError]:
    """How many failures it took, and what was raised."""
    reconnection = Reconnection(random.Random(1), retry)
    for count in range(1, 50):
        try:
            reconnection.after(closed(**more), succeeded=succeeded, maintenance=False)
        except StreamError as error:
            return count, error
    return 50, StreamError("never")


@pytest.mark.parametrize(
    ("retry", "succeeded", "tries"),
    [
        (None, False, 3),
        (None, True, 50),
        (0, False, 1),
        (0, True, 1),
        (5, True, 6),
        (5, False, 6),
        (-1, False, 50),
    ],
)
def test_how_often(retry: int | None, succeeded: bool, tries: int) -> None:
    count, error = give_up(retry, succeeded=succeeded)
    assert count == tries
    if tries < 50:
        assert isinstance(error, UnreachableError)
        assert error.retryable
        assert error.message.endswith(": cut" if tries == 1 else f": cut, after {tries} tries")


@pytest.mark.parametrize("retry", [None, 5, -1])
def test_what_is_hopeless_is_not_tried_again(retry: int | None) -> None:
    count, error = give_up(retry, permanent=True)
    assert (count, error.retryable) == (1, False)
    assert "check the address" in error.suggestion


def test_what_once_worked_is_never_hopeless() -> None:
    assert give_up(None, permanent=True, succeeded=True)[0] == 50


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": "the server's certificate cannot be trusted", "permanent": True}, "--ca-file"),
        ({"http_status": 403, "permanent": True}, "wait ten minutes"),
        ({"http_status": 429}, "wait ten minutes"),
        ({}, "--sandbox"),
    ],
)
def test_advice(more: dict[str, Any], words: str) -> None:
    assert words in give_up(None, **more)[1].suggestion


def test_nothing_but_garbage_is_another_protocol() -> None:
    count, error = give_up(None, garbage=True, opened=True)
    assert (count, type(error)) == (3, ProtocolError)
    assert error.message == "wss://exchange.test/v2: cut, after 3 tries"
    assert type(give_up(0, garbage=True, opened=True, succeeded=True)[1]) is UnreachableError
