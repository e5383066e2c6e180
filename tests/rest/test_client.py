"""Calls over real sockets: what is sent, what is repeated, and what each kind of trouble becomes."""

import gzip
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from krakencli.credentials import Credentials
from krakencli.errors import AuthError, CredentialsError, RemoteError, UnreachableError, UsageError
from krakencli.rest.client import Client
from krakencli.rest.envelope import OutcomeUnknownError

from .kit import KEY, SECRET, Answer, Server, refused, result

CREDENTIALS = Credentials(KEY, SECRET)
HTML = Answer(b"<html>Bad gateway</html>", 502, {"Content-Type": "text/html"})


def rising() -> Callable[[str], int]:
    numbers = count(1616492376594)
    return lambda _: next(numbers)


def client(server: Server, **options: Any) -> Client:
    return Client(server.base, **{"delays": (0, 0), "nonce": rising(), **options})


def test_a_public_call_is_a_get_with_a_query_and_no_key() -> None:
    with Server(result({"unixtime": 1})) as server, client(server, user_agent="test/1") as rest:
        assert rest.public("Trades", pair="XBTUSD", since=None, count=5, flag=True) == {"unixtime": 1}
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/0/public/Trades?pair=XBTUSD&count=5&flag=true")
    assert seen.headers["User-Agent"] == "test/1"
    assert not {"API-Key", "API-Sign", "Authorization", "Cookie", "Origin"} & seen.headers.keys()


def test_a_private_call_is_signed_over_the_bytes_sent() -> None:
    with Server(result({})) as server, client(server) as rest:
        rest.private("TradesHistory", CREDENTIALS, otp="123456", ledgers=True, cl_ord_id="a b/c")
    (seen,) = server.seen
    fields = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
    assert fields == {
        "nonce": "1616492376594",
        "otp": "123456",
        "ledgers": "true",
        "cl_ord_id": "a b/c",
    }
    message = seen.path.encode() + sha256(fields["nonce"].encode() + seen.body).digest()
    expected = b64encode(hmac.digest(b64decode(SECRET), message, "sha512")).decode()
    assert seen.headers["API-Sign"] == expected
    assert seen.headers["API-Key"] == KEY
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_numbers_of_a_result_are_exact() -> None:
    body = b'{"error":[],"result":{"XXBTZUSD":[["30100.10000",1750000142.5576112]],"last":"1"}}'
    with Server(Answer(body)) as server, client(server) as rest:
        assert rest.public("Trades", pair="XBTUSD")["XXBTZUSD"][0][1] == Decimal("1750000142.5576112")


def test_compressed_answers_are_read_and_bounded_as_they_unfold() -> None:
    packed = gzip.compress(json.dumps({"error": [], "result": "x" * 5_000_000}).encode())
    answer = Answer(packed, 200, {"Content-Encoding": "gzip"})
    with Server(answer) as server, client(server) as rest:
        assert len(rest.public("Time")) == 5_000_000
    with (
        Server(answer) as server,
        client(server, most_bytes=1_000_000) as rest,
        pytest.raises(RemoteError, match="more than can be read"),
    ):
        rest.public("Time")


@pytest.mark.parametrize("trouble", [HTML, Answer(drop=True), Answer(b'{"error":[]', hop=True)])
def test_a_read_is_tried_three_times_with_the_delays_asked_for(trouble: Answer) -> None:
    slept: list[float] = []
    with (
        Server(trouble, trouble, result("here")) as server,
        client(server, delays=(1, 2), unit=0.5, timeout=(2, 2), sleep=slept.append) as rest,
    ):
        assert rest.public("Time") == "here"
    assert slept == [0.5, 1.0]
    assert len(server.seen) == 3


def test_a_private_read_is_repeated_with_a_fresh_nonce() -> None:
    with Server(HTML, result([])) as server, client(server) as rest:
        assert rest.private("OpenOrders", CREDENTIALS) == []
    first, second = (parse_qs(seen.body.decode())["nonce"] for seen in server.seen)
    assert first < second


def test_after_three_failures_the_error_is_reported() -> None:
    with (
        Server(HTML) as server,
        client(server) as rest,
        pytest.raises(RemoteError, match="HTTP 502") as caught,
    ):
        rest.public("Time")
    assert len(server.seen) == 3
    assert caught.value.retryable


@pytest.mark.parametrize("trouble", [HTML, Answer(drop=True), Answer(b"<html>", 200)])
def test_a_change_is_never_repeated_and_says_that_its_outcome_is_unknown(trouble: Answer) -> None:
    with (
        Server(trouble) as server,
        client(server) as rest,
        pytest.raises(OutcomeUnknownError, match="outcome is unknown") as caught,
    ):
        rest.private("AddOrder", CREDENTIALS, pair="XBTUSD")
    assert len(server.seen) == 1
    assert not caught.value.retryable
    assert "cl_ord_id" in caught.value.suggestion


def test_a_change_that_was_never_sent_is_no_riddle() -> None:
    with Server(result(1)) as server:
        gone = server.base
    with Client(gone, nonce=rising()) as rest, pytest.raises(UnreachableError, match="refused"):
        rest.private("AddOrder", CREDENTIALS)


def test_no_answer_in_time() -> None:
    with (
        Server(Answer(hang=True)) as server,
        client(server, delays=(), timeout=(200, 20), unit=0.01) as rest,
        pytest.raises(UnreachableError, match=r"no answer within 0\.2 s") as caught,
    ):
        rest.public("Time")
    assert server.asked.is_set()
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("answer", "message", "retryable"),
    [
        (Answer(b"<html>", 403), "blocks this address", True),
        (Answer(b"", 429), "blocks this address", True),
        (Answer(b"<html>", 404), "HTTP 404 and no answer of the API", False),
        (Answer(b"", 200), "HTTP 200 and no answer of the API", True),
        (Answer(b"<html>", 200), "HTTP 200 and no answer of the API", True),
        (Answer(b'{"error":[],"result":1}', 503), "HTTP 503", True),
        (Answer(b"", 301, {"Location": "/elsewhere"}), "a redirect, which is not followed", False),
        (Answer(b'{"error":[],"result":1}', 302, {"Location": "/x"}), "a redirect", False),
    ],
)
def test_what_is_not_the_apis_own_answer(answer: Answer, message: str, retryable: bool) -> None:
    with (
        Server(answer) as server,
        client(server) as rest,
        pytest.raises(RemoteError, match=message) as caught,
    ):
        rest.public("Time")
    assert caught.value.retryable is retryable
    assert {seen.path for seen in server.seen} == {"/0/public/Time"}


def test_errors_are_judged_by_the_envelope_whatever_the_status() -> None:
    answer = Answer(refused("EGeneral:Unknown method").body, 404)
    with Server(answer) as server, client(server) as rest, pytest.raises(RemoteError, match="Unknown method"):
        rest.public("Nothing")
    assert len(server.seen) == 1


@pytest.mark.parametrize("method", ["Balance", "AddOrder"])
def test_a_refused_nonce_is_replaced_once(method: str) -> None:
    with Server(refused("EAPI:Invalid nonce"), result("done")) as server, client(server) as rest:
        assert rest.private(method, CREDENTIALS) == "done"
    first, second = (parse_qs(seen.body.decode())["nonce"] for seen in server.seen)
    assert first < second


def test_a_nonce_refused_twice_is_reported() -> None:
    refusal = refused("EAPI: Invalid nonce")
    with Server(refusal, refusal, result("too late")) as server, client(server) as rest:
        with pytest.raises(AuthError, match="nonce") as caught:
            rest.private("Balance", CREDENTIALS)
        assert len(server.seen) == 2
    assert "another program uses this key" in caught.value.suggestion


def test_wrong_keys_are_never_repeated() -> None:
    with Server(refused("EAPI:Invalid key")) as server, client(server) as rest, pytest.raises(AuthError):
        rest.private("Balance", CREDENTIALS)
    assert len(server.seen) == 1


@pytest.mark.parametrize("host", ["kraken.invalid", "a..b", "a" * 64 + ".invalid"])
def test_a_name_that_does_not_resolve(host: str) -> None:
    with (
        Client(f"https://{host}", delays=()) as rest,
        pytest.raises(UnreachableError, match="its name cannot be resolved"),
    ):
        rest.public("Time")


@pytest.mark.parametrize(
    "base",
    [
        "",
        "api.kraken.com",
        "ftp://kraken.invalid",
        "https://",
        "https://a:b:c",
        "https://h/?q=1",
        "https://h:99999",
        "https://user:password@kraken.invalid",
        "https://*.invalid",
        "https://[::1",
    ],
)
def test_an_impossible_address_is_refused_without_repeating_it(base: str) -> None:
    with pytest.raises(UsageError) as caught:
        Client(base)
    assert "password" not in caught.value.message


def test_a_slash_at_the_end_and_a_path_are_understood() -> None:
    with Server(result(1)) as server, Client(f" {server.base}/mirror/ ") as rest:
        assert rest.public("Time") == 1
    assert server.seen[0].path == "/mirror/0/public/Time"


def test_keys_never_travel_in_the_clear() -> None:
    with Client("http://kraken.invalid") as rest, pytest.raises(UsageError, match="unencrypted"):
        rest.private("Balance", CREDENTIALS)


def test_a_secret_that_cannot_sign_is_named_before_anything_is_sent() -> None:
    with Server(result(1)) as server, client(server) as rest, pytest.raises(CredentialsError, match="base64"):
        rest.private("Balance", Credentials(KEY, "no base64"))
    assert server.seen == []


def test_netrc_is_not_read_and_cookies_are_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\ndefault login x password y\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    answer = Answer(result(1).body, 200, {"Set-Cookie": "a=b; Path=/"})
    with Server(answer) as server, client(server) as rest:
        rest.public("Time")
        rest.private("Balance", CREDENTIALS)
    assert all(not {"Authorization", "Cookie"} & seen.headers.keys() for seen in server.seen)


def test_a_connection_is_kept_for_further_calls() -> None:
    with Server(result(1)) as server, client(server) as rest:
        assert [rest.public("Time") for _ in range(3)] == [1, 1, 1]
    assert len({seen.port for seen in server.seen}) == 1


def test_threads_share_a_client_without_mixing_answers() -> None:
    with Server() as server, client(server) as rest, ThreadPoolExecutor(4) as pool:
        server.reply = lambda seen: result(seen.path)
        answers = list(pool.map(lambda number: rest.public("Time", n=number), range(40)))
    assert answers == [f"/0/public/Time?n={number}" for number in range(40)]
