"""What a scripted server says in API v1: greeting, acknowledgements, refusals (protocol notes v1 §3, §4)."""

import json
from typing import Any

from .server import Peer, Script, Server

GREETING = '{"connectionID":13688620010177543517,"event":"systemStatus","status":"online","version":"1.9.1"}'


def url(server: Server) -> str:
    """Where it answers as a v1 host does."""
    return server.url.removesuffix("v2")


def greet(peer: Peer) -> None:
    peer.accept()
    peer.send(GREETING)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def request(peer: Peer) -> dict[str, Any]:
    """The client's next request; pings are answered."""
    while (asked := peer.receive())["event"] == "ping":
        peer.send(compact({"event": "pong", "reqid": asked["reqid"]}))
    return asked


def grant(peer: Peer) -> dict[str, Any]:
    """Answer one subscribe or unsubscribe request, each pair for itself; returns the request."""
    asked = request(peer)
    wanted = asked["subscription"]
    name = "-".join(str(wanted[key]) for key in ("name", "depth", "interval") if key in wanted)
    status = f"{asked['event']}d"
    for pair in asked.get("pair") or [None]:
        named = {} if pair is None else {"pair": pair, "channelID": 1}
        echoed = {key: value for key, value in wanted.items() if key != "token"}
        peer.send(
            compact(
                {
                    "channelName": name,
                    "event": "subscriptionStatus",
                    "reqid": asked["reqid"],
                    "status": status,
                    "subscription": echoed,
                    **named,
                }
            )
        )
    return asked


def refuse(peer: Peer, words: str, *, named: bool = True) -> dict[str, Any]:
    """Refuse one request, as the exchange does: what was asked is echoed, a token too."""
    asked = request(peer)
    for pair in asked.get("pair", [None]) if named else [None]:
        peer.send(
            compact(
                {
                    "errorMessage": words,
                    "event": "subscriptionStatus",
                    "reqid": asked["reqid"],
                    "status": "error",
                    "subscription": asked["subscription"],
                    **({} if pair is None else {"pair": pair}),
                }
            )
        )
    return asked


def data(payload: str, name: str = "ticker", pair: str = "XBT/USD") -> str:
    """A frame of public data."""
    return f'[1,{payload},"{name}","{pair}"]'


QUOTE = '["64000.00000","64000.10000","1750000142.601204","0.90000000","0.50000000"]'


def streams(*frames: str, then: Script = Peer.hang) -> Script:
    """Greet, grant the first request, send the frames, and then `then`."""

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(*frames)
        then(peer)

    return script
