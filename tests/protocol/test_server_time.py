"""The exchange's clock, told from its answers."""

import pytest

from krakencli.protocol.server_time import ServerTime
from krakencli.protocol.session import Session
from krakencli.times import unix

from .kit import events, ticker

BEGIN = unix("2026-03-02T14:05:07.000000Z")


def test_the_difference_lies_in_the_middle_of_the_way() -> None:
    time = ServerTime()
    time.answered(100.0, 100.5, "2026-03-02T14:05:07.100000Z", "2026-03-02T14:05:07.200000Z")
    assert time.ahead == pytest.approx(BEGIN + 0.15 - 100.25)
    assert time.uncertainty == pytest.approx(0.2)


def test_the_quickest_answer_counts() -> None:
    time = ServerTime()
    time.answered(0.0, 0.1, "2026-03-02T14:05:07Z", "2026-03-02T14:05:07Z")
    time.answered(0.0, 5.0, "2026-03-02T14:05:09Z", "2026-03-02T14:05:09Z")
    assert time.ahead == pytest.approx(BEGIN - 0.05)
    time.answered(9.0, 9.02, "2026-03-02T14:05:16.510000Z", "2026-03-02T14:05:16.510000Z")
    assert time.ahead == pytest.approx(BEGIN + 9.51 - 9.01)


@pytest.mark.parametrize("text", ["", "yesterday", "14:05"])
def test_what_is_no_time_says_nothing(text: str) -> None:
    time = ServerTime()
    time.answered(0.0, 1.0, text, text)
    assert time.ahead is time.uncertainty is None


def test_a_session_measures_its_answers_and_tells_what_was_acknowledged() -> None:
    session = Session([ticker("BTC/USD")], now=10.0)
    session.outgoing(10.5)
    session.heard(10.9)
    answer = (
        b'{"method":"subscribe","req_id":1,"result":{"channel":"ticker","event_trigger":"trades",'
        b'"snapshot":true,"symbol":"BTC/USD","warnings":["old"]},"success":true,'
        b'"time_in":"2026-03-02T14:05:07.000000Z","time_out":"2026-03-02T14:05:07.200000Z"}'
    )
    (granted,) = events(session, answer)
    assert granted.acknowledged == {"event_trigger": "trades", "snapshot": True}  # type: ignore[union-attr]
    assert granted.after == pytest.approx(0.4)  # type: ignore[union-attr]
    assert granted.warnings == ("old",)  # type: ignore[union-attr]
    assert session.server_time.ahead == pytest.approx(BEGIN + 0.1 - 10.7)
