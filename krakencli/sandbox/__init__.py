"""The embedded exchange: a market that speaks Kraken's protocol on a loopback port, for tests and for working
offline.

It is one market: order flow feeds a limit order book with price-time priority for each symbol, and every
channel and REST answer is read from it. It shares no code with the client that is tested against it: of
`krakencli` it imports nothing but itself.

    pairs, numbers, times                what is listed, and how integers become text
    levels -> book                       the matching, and what it does to every order
    flow, timeline, shortage -> market   one symbol, event by event, with trades, candles, day
    window, checksum, topic              what an event looks like on the channels
    v2_feeds, v1_feeds -> publisher      the same as frames; their text: frames, level3, v1_frames
    v2, v1, pulse (session)              one client's conversation; endpoints names them by path
    hosts, refused                       what both protocols refuse alike
    v2_gate, v2_params, level3_quota     what v2 lets in, and its words of refusal
    v1_gate, v1_params, v1_public        the same of v1, and its market data; v1_text spells its numbers
    accounts, trading                    who owns what, and what becomes of their orders
    v2_private, private_feed             private channels of v2; its trading: v2_trading, v2_orders
    v1_private, v1_accounts              private channels of v1; its trading: v1_trading, v1_requests
    order_form, description              what v1 and REST say of orders alike
    faults                               what goes wrong on purpose
    rest, rest_public, tokens            REST and its signatures
    exchange, engine                     all of it without sockets, on a clock that is an argument
    clock, wire, connection, server, control, tls, runner     all of it on one port, in a thread
"""

from krakencli.sandbox.faults import Fault, UnfitFaultError
from krakencli.sandbox.runner import Sandbox
from krakencli.sandbox.settings import AccountSettings, Addresses, Settings

__all__ = ["AccountSettings", "Addresses", "Fault", "Sandbox", "Settings", "UnfitFaultError"]
