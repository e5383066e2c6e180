"""The private connection that orders go over: made as streams make theirs, with a token of its own."""

import threading
from urllib.parse import urlsplit

from krakencli.budget import Budget
from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.cli.tokens import token_source
from krakencli.loopback import is_loopback
from krakencli.trading.desk import Desk
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.transport.proxy import choose


def desk_of(found: Exchange, state: State, token_file: str | None, *, urgent: bool) -> Desk:
    """A desk that is not open yet. Raises CredentialsError and UsageError as `token_source` does.

    `urgent` connections are booked in the budget, and never wait for it.
    """
    url = found.socket("private")
    hostname = urlsplit(url).hostname or ""
    proxy, context = choose(url, state.environ), None
    if urlsplit(url).scheme == "wss":
        from krakencli.trust import context as trusted

        context = trusted(found.ca_file)
    budget = None if is_loopback(hostname) else Budget(hostname)
    admit = None if budget is None else (lambda: _booked(budget)) if urgent else budget.admit
    fetch_token = token_source(found, state, token_file)
    talk = state.talk()

    def connect(to: Inbox[Arrival]) -> Link:
        return Link(url, to, context=context, proxy=proxy, admit=admit, fetch_token=fetch_token)

    return Desk(connect, state.clock, talk.trace if talk.level > 0 else None)


def _booked(budget: Budget) -> float:
    threading.Thread(target=budget.book, name="budget", daemon=True).start()
    return 0.0
