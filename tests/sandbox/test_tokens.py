"""Signatures against the documented vectors, nonces that must rise, tokens that end."""

from __future__ import annotations

import json

import pytest

from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.tokens import signature

from .kit import SECOND, make_exchange

# The private key of the exchange's own documented example: public, and worth nothing.
DOCUMENTED_SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
PATH = "/0/private/GetWebSocketsToken"
FORM = "application/x-www-form-urlencoded"
VECTORS = [
    (
        FORM,
        "nonce=1616492376594",
        "+mRDmY9Ks0Moc1zjv/BjfvYa98buO0x1yHChZR5onlfAzAUbfIYlLggUZzdQ0RsmXm4Sh+Q8iAIZdo2wSeHeiA==",
    ),
    (
        FORM,
        "nonce=1616492376594&otp=123456",
        "Ar/xaIFCxoB9vYgmMdFa96Q4kobeliKYcsJVL0e/9WCP8p+91eHqwusA7xAg4PaDXeGRBOWqOD4e7jxeWmvvDQ==",
    ),
    (
        "application/json",
        '{"nonce":1616492376594}',
        "yl7HvQ7MH+jWgPjH8r2+qILii9+OjPXXmiYU0uJ3ZdoxQGQlSfjTrhVW8NhLKbAnVRjuuiqkn/lDVd8AhdBrfQ==",
    ),
]


class Caller:
    """Somebody who calls for tokens with a key."""

    def __init__(self, key: str = "the-key", secret: str = DOCUMENTED_SECRET) -> None:
        self.exchange = make_exchange(api_key="the-key", api_secret=DOCUMENTED_SECRET)
        self.key, self.secret = key, secret

    def call(self, body: str, content_type: str = FORM, sign: str | None = None, path: str = PATH) -> dict:
        nonce = body.partition("nonce=")[2].partition("&")[0]
        headers = {
            "API-Key": self.key,
            "API-Sign": sign if sign is not None else signature(self.secret, path, nonce, body.encode()),
            "Content-Type": content_type,
        }
        return json.loads(answer(self.exchange, Call("POST", path, {}, headers, body.encode())))


def test_the_documented_signature() -> None:
    body = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
    assert signature(DOCUMENTED_SECRET, "/0/private/AddOrder", "1616492376594", body) == (
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    )


@pytest.mark.parametrize(("content_type", "body", "sign"), VECTORS)
def test_documented_calls_earn_a_token(content_type: str, body: str, sign: str) -> None:
    caller = Caller()
    document = caller.call(body, content_type, sign)
    assert document["error"] == []
    assert document["result"]["expires"] == 900
    assert len(document["result"]["token"]) == 43
    assert caller.exchange.desk.valid(document["result"]["token"], caller.exchange.now())


@pytest.mark.parametrize(("content_type", "body", "sign"), VECTORS)
def test_one_changed_byte_spoils_the_signature(content_type: str, body: str, sign: str) -> None:
    caller = Caller()
    assert caller.call(body.replace("594", "595"), content_type, sign) == {
        "error": ["EAPI:Invalid signature"]
    }
    assert caller.call(body, content_type, sign.lower()) == {"error": ["EAPI:Invalid signature"]}
    assert caller.call(body, content_type, "") == {"error": ["EAPI:Invalid signature"]}


def test_an_unknown_key_is_told_before_the_signature() -> None:
    assert Caller(key="another").call("nonce=1", sign="") == {"error": ["EAPI:Invalid key"]}


def test_the_nonce_must_rise_and_a_refused_call_spends_none() -> None:
    caller = Caller()
    assert caller.call("nonce=100")["error"] == []
    assert caller.call("nonce=100") == {"error": ["EAPI:Invalid nonce"]}
    assert caller.call("nonce=99") == {"error": ["EAPI:Invalid nonce"]}
    assert caller.call("nonce=500", sign="wrong") == {"error": ["EAPI:Invalid signature"]}
    assert caller.call("nonce=101")["error"] == []


@pytest.mark.parametrize("body", ["", "nonce=", "nonce=-5", "nonce=1.5", "nonce=18446744073709551616", "x=1"])
def test_a_nonce_is_an_unsigned_64_bit_integer(body: str) -> None:
    assert Caller().call(body)["error"] == ["EAPI:Invalid nonce"]


def test_a_token_lasts_900_seconds() -> None:
    desk = make_exchange().desk
    token = desk.issue(0)
    assert desk.valid(token, 900 * SECOND - 1)
    assert not desk.valid(token, 900 * SECOND)
    assert not desk.valid(token[:-1], 0)
    assert not desk.valid(None, 0)
    assert not desk.valid(["x"], 0)


def test_other_private_calls_are_unknown_but_signed() -> None:
    caller = Caller()
    assert caller.call("nonce=5", path="/0/private/Nothing") == {"error": ["EGeneral:Unknown method"]}
    assert caller.call("nonce=6", path="/0/private/Balance", sign="") == {"error": ["EAPI:Invalid signature"]}
