"""How links to one of the exchange's hosts are made: address, certificates, proxy, budget, token."""

import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from krakencli.budget import Budget
from krakencli.cli.exchange import Exchange
from krakencli.cli.state import State
from krakencli.loopback import is_loopback
from krakencli.model import Host
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.transport.proxy import choose


def connector(
    host: Host, found: Exchange, state: State, token_file: str | None, *, urgent: bool = False
) -> Callable[[Inbox[Arrival]], Link]:
    """What makes links to a host. Raises CredentialsError and UsageError as `token_source` does.

    `urgent` connections are booked in the budget, and never wait for it.
    """
    url = found.socket(host)
    hostname = urlsplit(url).hostname or ""
    proxy, context, fetch_token = choose(url, state.environ), None, None
    if urlsplit(url).scheme == "wss":
        from krakencli.trust import context as trusted

        context = trusted(found.ca_file)
    budget = None if is_loopback(hostname) else Budget(hostname)
    admit = None if budget is None else (lambda: _booked(budget)) if urgent else budget.admit
    if host != "public":
        from krakencli.cli.tokens import token_source

        fetch_token = token_source(found, state, token_file)

    def connect(to: Inbox[Arrival]) -> Link:
        return Link(url, to, context=context, proxy=proxy, admit=admit, fetch_token=fetch_token)

    return connect


def _booked(budget: Budget) -> float:
    threading.Thread(target=budget.book, name="budget", daemon=True).start()
    return 0.0
