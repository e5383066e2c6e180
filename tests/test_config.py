"""Addresses: flag before environment before default, and nothing unsafe or misunderstood."""

import pytest

from krakencli.config import REST, WS, Endpoints, check_rest, check_websocket, endpoints
from krakencli.errors import UsageError


def test_the_default_is_the_exchange() -> None:
    assert endpoints({}) == Endpoints("wss://ws.kraken.com/v2", "https://api.kraken.com")


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({"KRAKEN_WS_PUBLIC_URL": "wss://a/v2"}, None, Endpoints("wss://a/v2", REST)),
        ({"KRAKEN_WS_PUBLIC_URL": "wss://a/v2"}, "wss://b/v2", Endpoints("wss://b/v2", REST)),
        ({"KRAKEN_WS_PUBLIC_URL": ""}, None, Endpoints(WS["v2"]["public"], REST)),
        ({}, "", Endpoints(WS["v2"]["public"], REST)),
        ({"KRAKEN_SPOT_URL": "https://r/"}, None, Endpoints(WS["v2"]["public"], "https://r")),
        ({"KRAKEN_SPOT_URL": ""}, None, Endpoints(WS["v2"]["public"], REST)),
        ({}, "ws://127.0.0.1:9/v2", Endpoints("ws://127.0.0.1:9/v2", None)),
        ({}, "wss://[::1]:9/v2", Endpoints("wss://[::1]:9/v2", None)),
        ({"KRAKEN_WS_PUBLIC_URL": "ws://localhost:9/v2"}, None, Endpoints("ws://localhost:9/v2", None)),
        (
            {"KRAKEN_SPOT_URL": "http://localhost:8"},
            "ws://localhost:9/v2",
            Endpoints("ws://localhost:9/v2", "http://localhost:8"),
        ),
    ],
)
def test_precedence(environ: dict[str, str], url: str | None, expected: Endpoints) -> None:
    assert endpoints(environ, url=url) == expected


@pytest.mark.parametrize("url", ["WSS://Host/v2", " wss://host/v2", "wss://host/v2 \n"])
def test_an_address_may_be_written_carelessly(url: str) -> None:
    """The socket's library knows lower-case schemes only, and would send a blank as part of the path."""
    assert endpoints({}, url=url).ws.lower() == "wss://host/v2"
    assert endpoints({}, url=url).ws.startswith("wss://")


@pytest.mark.parametrize(
    "url",
    [
        "host/v2",
        "https://host/v2",
        "wss:///v2",
        "wss://host:99999/v2",
        "wss://[::1/v2",
        "v2",
        "wss://host:x/v2",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match=r"no (WebSocket )?address") as caught:
        endpoints({}, url=url)
    assert caught.value.suggestion == "write wss://host/v2"


def test_plain_text_stays_on_this_machine() -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        endpoints({}, url="ws://far.example/v2")
    with pytest.raises(UsageError, match="not encrypted"):
        endpoints({"KRAKEN_SPOT_URL": "http://far.example"})
    assert endpoints({}, url="ws://far.example/v2", plaintext=True).ws == "ws://far.example/v2"
    assert endpoints({"KRAKEN_SPOT_URL": "http://far.example"}, plaintext=True).rest == "http://far.example"
    for url in ("ws://127.0.0.1/v2", "ws://127.9.9.9:1/v2", "ws://[::1]/v2", "ws://a.localhost/v2"):
        assert endpoints({}, url=url).rest is None


@pytest.mark.parametrize(
    ("url", "better"), [("wss://host", "wss://host/v2"), ("wss://host:1/", "wss://host:1/v2")]
)
def test_an_address_of_v1_is_named(url: str, better: str) -> None:
    with pytest.raises(UsageError, match="API v1") as caught:
        check_websocket(url)
    assert better in caught.value.suggestion


@pytest.mark.parametrize(
    "base", ["https://api.kraken.com", "http://localhost", "HTTP://127.0.0.1:1", "nonsense", "http://["]
)
def test_rest_addresses_that_are_not_judged_here(base: str) -> None:
    assert check_rest(base) is None  # type: ignore[func-returns-value] # that it returns is the point


def test_rest_without_encryption_in_any_case() -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        check_rest("HTTP://far.example")


def test_an_address_with_a_password_is_refused_without_a_word_of_it() -> None:
    with pytest.raises(UsageError, match="user name") as caught:
        check_websocket("wss://user:opensesame@host/v2")
    assert "opensesame" not in caught.value.message + caught.value.suggestion
