"""The private connection that orders go over: made as streams make theirs, with a token of its own."""

from krakencli.cli.exchange import Exchange
from krakencli.cli.links import connector
from krakencli.cli.state import State
from krakencli.trading.desk import Desk


def desk_of(found: Exchange, state: State, token_file: str | None, *, urgent: bool) -> Desk:
    """A desk that is not open yet. Raises as `connector` does."""
    connect = connector("private", found, state, token_file, urgent=urgent)
    talk = state.talk()
    return Desk(connect, state.clock, talk.trace if talk.level > 0 else None)
