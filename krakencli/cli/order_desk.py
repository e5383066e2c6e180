"""The private connection that orders go over: made as streams make theirs, with a token of its own."""

from typing import TYPE_CHECKING

from krakencli.cli.exchange import Exchange
from krakencli.cli.links import connector
from krakencli.cli.state import State
from krakencli.model import Api
from krakencli.trading.desk import Desk

if TYPE_CHECKING:
    from krakencli.protocol.trading import TradingDialect


def desk_of(
    found: Exchange, state: State, token_file: str | None, *, urgent: bool, edited: str | None = None
) -> Desk:
    """A desk that is not open yet. Raises as `connector` does."""
    connect = connector("private", found, state, token_file, urgent=urgent)
    talk = state.talk()
    trace = talk.trace if talk.level > 0 else None
    return Desk(connect, state.clock, trace, dialect_of(found.api, edited))


def dialect_of(api: Api, edited: str | None = None) -> "TradingDialect":
    """How orders are spoken of; `edited` is the type of the order which is edited, as far as it is known."""
    if api == "v1":
        from krakencli.protocol.trading_v1 import TradingV1

        return TradingV1(edited)
    from krakencli.protocol import trading

    return trading
