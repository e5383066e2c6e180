"""Every documented error becomes the right kind, with the advice of the notes' Retry column."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.errors import AuthError, RemoteError, StreamError
from krakencli.rest.envelope import MOST_CHARACTERS, clean, decode, failure

CATALOGUE = [
    ("EAPI:Invalid key", AuthError, False, "KRAKEN_API_KEY"),
    ("EAPI:Invalid signature", AuthError, False, "KRAKEN_API_SECRET"),
    ("EAPI:Invalid nonce", AuthError, True, "another program uses this key"),
    ("EAPI:Invalid token", AuthError, True, "token"),
    ("ESession:Invalid session", AuthError, True, "token"),
    ("EGeneral:Permission denied", AuthError, False, "the right 'Funds – Query' on kraken.com"),  # noqa: RUF001
    ("EGeneral:Temporary lockout", AuthError, True, "wait"),
    ("EAuth:Account temporary disabled", AuthError, False, "account"),
    ("EAuth:Failed", AuthError, False, "account"),
    ("EAuth:Rate limit exceeded", AuthError, True, "less often"),
    ("EAuth:Too many requests", AuthError, True, "less often"),
    ("EAccount:Invalid permissions", AuthError, False, "account"),
    ("EAPI:Rate limit exceeded", RemoteError, True, "less often"),
    ("EAPI:Bad request", RemoteError, False, ""),
    ("EAPI:Feature disabled", RemoteError, False, ""),
    ("EGeneral:Invalid arguments", RemoteError, False, ""),
    ("EGeneral:Invalid arguments:ordertype", RemoteError, False, ""),
    ("EGeneral:Unknown method", RemoteError, False, "KRAKEN_SPOT_URL"),
    ("EGeneral:Too many requests", RemoteError, True, "less often"),
    ("EGeneral:Internal error:42", RemoteError, True, "again"),
    ("EDatabase:Internal error", RemoteError, True, "again"),
    ("EService:Unavailable", RemoteError, True, "maintenance"),
    ("EService:Busy", RemoteError, True, "maintenance"),
    ("EService: Throttled: 1750000012", RemoteError, True, "after the time"),
    ("EService:Market in cancel_only mode", RemoteError, True, "state"),
    ("EService:Deadline elapsed", RemoteError, False, "took effect"),
    ("EQuery:Unknown asset pair", RemoteError, False, "pairs"),
    ("ETrade:Invalid request", RemoteError, False, ""),
    ("EOrder:Insufficient funds", RemoteError, False, "balance"),
    ("EOrder:Insufficient margin", RemoteError, True, "later"),
    ("EOrder:Rate limit exceeded", RemoteError, True, "less often"),
    ("EOrder:Domain rate limit exceeded", RemoteError, True, "less often"),
    ("EOrder:Orders limit exceeded", RemoteError, False, ""),
    ("EOrder:Unknown order", RemoteError, False, ""),
    ("EEarnings:Busy, try later", RemoteError, True, "again"),
    ("EEarnings:Below minimum", RemoteError, False, ""),
    ("EBM:limit exceeded:CAL", RemoteError, False, ""),
    ("ENever:Heard of", RemoteError, False, ""),
    ("no category at all", RemoteError, False, ""),
]


@pytest.mark.parametrize(
    ("entry", "kind", "retryable", "advice"), CATALOGUE, ids=[row[0] for row in CATALOGUE]
)
@pytest.mark.parametrize("spell", [str, str.upper, lambda text: f"  {text.replace(':', ' :  ')}"])
def test_the_catalogue(
    entry: str, kind: type[StreamError], retryable: bool, advice: str, spell: type[str]
) -> None:
    error = failure({"error": [spell(entry)], "result": {}}, "Balance")
    assert type(error) is kind
    assert error.retryable is retryable
    assert advice in error.suggestion
    assert error.message.startswith("Balance was refused: ")
    assert len(error.message.splitlines()) == 1


@pytest.mark.parametrize("warning", ["WGeneral:Deprecated", " wOther:thing"])
def test_a_warning_beside_a_result_is_no_error(warning: str) -> None:
    assert failure({"error": [warning], "result": {}}, "Time") is None


def test_a_warning_does_not_hide_an_error() -> None:
    error = failure({"error": ["WGeneral:Old", "EAPI:Invalid key"], "result": {}}, "Balance")
    assert isinstance(error, AuthError)
    assert "WGeneral" not in error.message


@pytest.mark.parametrize("envelope", [{"error": []}, {"error": ["WGeneral:Old"]}])
def test_neither_error_nor_result_is_an_error(envelope: dict[str, list[str]]) -> None:
    error = failure(envelope, "Time")
    assert isinstance(error, RemoteError)
    assert "without a result" in error.message


def test_a_null_result_is_a_result() -> None:
    assert failure({"error": [], "result": None}, "Time") is None


def test_numbers_keep_their_digits() -> None:
    envelope = decode(b'{"error":[],"result":[0.10000000,64000.10,1750000142.5576112,18446744073709551616]}')
    assert envelope is not None
    first, second, third, fourth = envelope["result"]
    assert [str(first), str(second), str(third)] == ["0.10000000", "64000.10", "1750000142.5576112"]
    assert isinstance(first, Decimal)
    assert fourth == 2**64


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"<html>maintenance</html>",
        b"[]",
        b'"text"',
        b'{"error":[]',
        b'{"error":"text"}',
        b'{"result":{}}',
        b"{" * 5000,
        b'{"error":[],"result":' + b"[" * 100_000,
        b'{"error":[],"result":1e99999999999999999999}',
        b'{"error":["\xff"]}',
    ],
)
def test_what_is_no_envelope_is_not_read_as_one(body: bytes) -> None:
    assert decode(body) is None


def test_the_longest_secret_is_hidden_first_and_short_ones_are_let_be() -> None:
    assert clean("a secretsecret b k", hide=("secret", "secretsecret", "", "k")) == "a … b k"


def test_a_long_message_is_cut() -> None:
    assert clean("x" * 5000) == "x" * MOST_CHARACTERS + "…"


@given(st.text(max_size=2000))
def test_a_message_is_one_bounded_printable_line(text: str) -> None:
    line = clean(text)
    assert line.isprintable()
    assert len(line) <= MOST_CHARACTERS + 1
