"""Which conversation waits behind which path of the one port. A new protocol is one more line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.session import Refuses, Session
from krakencli.sandbox.topic import Api
from krakencli.sandbox.v1 import V1Session
from krakencli.sandbox.v2 import V2Session

Open = Callable[[Exchange, Callable[[str], None], Refuses], Session]


def _v2(access: Access, exchange: Exchange, send: Callable[[str], None], refuses: Refuses) -> Session:
    return V2Session(exchange, access, send, refuses)


def _v1(access: Access, exchange: Exchange, send: Callable[[str], None], refuses: Refuses) -> Session:
    return V1Session(exchange, access, send, refuses)


class Endpoint(NamedTuple):
    """What is spoken behind a path, and how a conversation is opened."""

    api: Api
    open: Open


ENDPOINTS: dict[str, Endpoint] = {
    "/v2": Endpoint("v2", partial(_v2, Access.PUBLIC)),
    "/auth/v2": Endpoint("v2", partial(_v2, Access.PRIVATE)),
    "/l3/v2": Endpoint("v2", partial(_v2, Access.LEVEL3)),
    "/": Endpoint("v1", partial(_v1, Access.PUBLIC)),
    "/auth": Endpoint("v1", partial(_v1, Access.PRIVATE)),
}
