"""A fault that has acted as often as it should is forgotten when the next one is set; one of which something
is still to come is not.
"""

from __future__ import annotations

from krakencli.sandbox import Fault
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.watch import Ending

from .kit import make_exchange
from .sockets import SYMBOL

TRADE = f'{{"channel":"trade","type":"update","data":[{{"symbol":"{SYMBOL}","trade_id":7}}]}}'
LATER = TRADE.replace("7", "8")
ACKNOWLEDGEMENT = (
    f'{{"method":"subscribe","result":{{"channel":"trade","symbol":"{SYMBOL}"}},"success":true}}'
)


class Line:
    """The faults of a connection without its socket."""

    def __init__(self, spec: str) -> None:
        self.desk = FaultDesk(make_exchange(synthetic=1))
        self.passed = self.desk.filter(1)
        self.desk.set(Fault.parse(spec))

    def set_another(self) -> None:
        self.desk.set(Fault("garbage", connection=9))


def test_a_stall_goes_on() -> None:
    line = Line("stall:seconds=5,heartbeats=false")
    assert line.passed(TRADE) == []
    line.set_another()
    assert line.passed.tick(10.0) == []
    assert line.passed.is_deaf
    assert line.passed(LATER) == []
    assert line.passed.tick(15.0) == [TRADE, LATER]
    assert not line.passed.is_deaf
    assert line.passed(LATER) == [LATER]


def test_a_cut_line_stays_dead() -> None:
    line = Line("drop_connection")
    assert line.passed(TRADE) == []
    line.set_another()
    assert line.passed(TRADE) == []
    assert line.passed.ending == Ending(None)


def test_a_mute_subscription_stays_mute() -> None:
    line = Line(f"no_delivery:symbol={SYMBOL},channel=trade")
    assert line.passed(TRADE) == []
    line.set_another()
    assert line.passed(TRADE) == []


def test_a_late_acknowledgement_still_comes() -> None:
    line = Line("delay_ack:seconds=5")
    assert line.passed(ACKNOWLEDGEMENT) == []
    line.set_another()
    assert line.passed.tick(10.0) == []
    line.set_another()
    assert line.passed.tick(15.0) == [ACKNOWLEDGEMENT]


def test_a_frame_that_is_held_still_comes() -> None:
    line = Line(f"reorder_trades:symbol={SYMBOL}")
    assert line.passed(TRADE) == [TRADE]
    assert line.passed(TRADE) == []
    line.set_another()
    assert line.passed(LATER) == [LATER, TRADE]
