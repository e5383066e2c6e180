"""No failure shows secret, signature, second factor or key: not in any text, nor in the chain."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from krakencli.credentials import Credentials
from krakencli.errors import StreamError
from krakencli.rest.client import Client
from krakencli.rest.token import fetch_token

from .kit import KEY, SECRET, Answer, Seen, Server, identity, result

OTP = "739164"
TROUBLES = {
    "dropped": Answer(drop=True),
    "hanging": Answer(hang=True),
    "bad gateway": Answer(b"<html>", 502),
    "redirect": Answer(b"", 307, {"Location": "http://127.0.0.1:1/"}),
    "half an answer": Answer(b"{", hop=True),
    "not packed": Answer(b"{}", 200, {"Content-Encoding": "gzip"}),
    "blocked": Answer(b"<html>", 429),
}


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield


def failing_call(rest: Client, method: str) -> StreamError:
    with pytest.raises(StreamError) as caught:
        rest.private(method, Credentials(KEY, SECRET), otp=OTP)
    return caught.value


def texts(error: StreamError) -> Iterator[str]:
    yield from (str(error), repr(error), error.suggestion, repr(vars(error)))
    yield from traceback.format_exception(error)
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    yield from (str(frame.locals) for frame in frames if "tests" not in frame.filename)


def assert_silent(error: StreamError, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert error.__context__ is None
    assert error.__cause__ is None
    signatures = [seen.headers["API-Sign"] for seen in server.seen]
    for text in (*texts(error), caplog.text):
        assert not [secret for secret in (SECRET, KEY, *signatures) if secret in text]
    assert OTP not in "".join(traceback.format_exception(error)) + caplog.text


@pytest.mark.parametrize("method", ["Balance", "AddOrder"])
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_on_the_way(trouble: Answer, method: str, caplog: pytest.LogCaptureFixture) -> None:
    with Server(trouble) as server, Client(server.base, delays=(), timeout=(0.2, 0.2)) as rest:
        error = failing_call(rest, method)
        assert server.seen
        assert_silent(error, server, caplog)


def test_an_exchange_that_repeats_what_it_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    def echo(seen: Seen) -> Answer:
        told = f"{seen.headers['API-Key']} {seen.headers['API-Sign']} {seen.body.decode()} {SECRET}"
        return Answer(f'{{"error":["EAPI:Invalid signature:{told}"]}}'.encode())

    with Server() as server, Client(server.base, delays=()) as rest:
        server.reply = echo
        error = failing_call(rest, "Balance")
        assert "EAPI:Invalid signature" in error.message
        assert_silent(error, server, caplog)


def test_a_certificate_that_is_not_trusted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    other = identity(tmp_path / "other").ca_file
    with Server(result(1), context=identity(tmp_path / "own").context) as server:
        with Client(server.base, ca_file=str(other), delays=()) as rest:
            error = failing_call(rest, "Balance")
        assert "not trusted" in error.message
        assert_silent(error, server, caplog)


def test_a_proxys_password(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("https_proxy", "http://someone:proxypassword@127.0.0.1:1")
    with Server() as server, Client("https://kraken.invalid", delays=()) as rest:
        error = failing_call(rest, "Balance")
        assert "the proxy cannot be used" in error.message
        assert_silent(error, server, caplog)
        assert not [text for text in texts(error) if "proxypassword" in text]


def test_a_token_is_not_shown() -> None:
    with Server(result({"token": "tokentokentoken", "expires": 900})) as server, Client(server.base) as rest:
        token = fetch_token(rest, Credentials(KEY, SECRET))
    assert token.value == "tokentokentoken"
    assert "tokentoken" not in f"{token!r} {token}"
