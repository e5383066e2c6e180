"""GetWebSocketsToken: the token, and answers that hold none."""

from typing import Any

import pytest

from krakencli.credentials import Credentials
from krakencli.errors import AuthError, RemoteError
from krakencli.rest.client import Client
from krakencli.rest.token import LIFETIME, Token, fetch_token

from .kit import KEY, SECRET, Answer, Server, refused, result

WHERE = "/0/private/GetWebSocketsToken"


def fetched(*answers: Answer) -> Token:
    with Server(*answers) as server, Client(server.base, delays=()) as rest:
        token = fetch_token(rest, Credentials(KEY, SECRET))
    assert [(seen.method, seen.path) for seen in server.seen] == [("POST", WHERE)] * len(server.seen)
    return token


def test_a_token_with_its_lifetime() -> None:
    assert fetched(result({"token": "Zk3v0/+T8=", "expires": 900})) == Token("Zk3v0/+T8=", 900)


@pytest.mark.parametrize("expires", [None, "900", -1, True, 1.5])
def test_a_lifetime_that_makes_no_sense_is_the_documented_one(expires: Any) -> None:
    assert fetched(result({"token": "abc", "expires": expires})).expires == LIFETIME


@pytest.mark.parametrize(
    "answer", [{}, [], None, {"token": ""}, {"token": 5}, {"token": 'a"b'}, {"token": "a\nb"}]
)
def test_an_answer_without_a_usable_token(answer: Any) -> None:
    with pytest.raises(RemoteError, match="without a token"):
        fetched(result(answer))


def test_a_key_without_the_right_is_told_which() -> None:
    with pytest.raises(AuthError) as caught:
        fetched(refused("EGeneral:Permission denied"))
    assert "WebSocket interface" in caught.value.suggestion
