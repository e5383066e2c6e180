"""Against the embedded exchange, which shares no code with the client."""

from pathlib import Path

import pytest

from krakencli.credentials import Credentials
from krakencli.errors import AuthError, RemoteError
from krakencli.rest.client import Client
from krakencli.rest.pairs import load
from krakencli.rest.token import fetch_token
from krakencli.sandbox import Sandbox, Settings


@pytest.mark.parametrize("tls", [False, True])
def test_pairs_and_a_token(tls: bool, tmp_path: Path) -> None:
    with Sandbox(Settings(rate=0, tls=tls)) as exchange:
        base = exchange.addresses.rest
        ca_file = str(exchange.ca_file) if tls else None
        pairs = load(lambda: Client(base, ca_file=ca_file), base, tmp_path, 0.0)
        bitcoin = pairs.find("xbtusd")
        assert bitcoin is not None
        assert (bitcoin.symbol, bitcoin.internal) == ("BTC/USD", "XXBTZUSD")
        with Client(base, ca_file=ca_file) as rest:
            tokens = [fetch_token(rest, Credentials(exchange.api_key, exchange.api_secret)) for _ in range(2)]
        assert tokens[0].value != tokens[1].value
        assert tokens[0].expires == 900


def test_wrong_secrets_and_unknown_methods_are_refused() -> None:
    with Sandbox(Settings(rate=0)) as exchange, Client(exchange.addresses.rest) as rest:
        with pytest.raises(AuthError) as caught:
            fetch_token(rest, Credentials(exchange.api_key, "d3Jvbmc="))
        assert "KRAKEN_API_SECRET" in caught.value.suggestion
        with pytest.raises(AuthError) as caught:
            fetch_token(rest, Credentials("another", exchange.api_secret))
        assert "KRAKEN_API_KEY" in caught.value.suggestion
        with pytest.raises(RemoteError, match="Unknown method"):
            rest.public("Nothing")
