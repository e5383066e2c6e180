"""The exception tree and the exit statuses that scripts rely on."""

import signal

import pytest

from krakencli import errors
from krakencli.errors import ExitStatus, Interrupted, StreamError

KINDS = {
    "usage": ("UsageError", 2),
    "rejected": ("RejectedError", 64),
    "untrusted": ("UntrustedError", 65),
    "unreachable": ("UnreachableError", 69),
    "remote": ("RemoteError", 70),
    "output": ("OutputError", 74),
    "protocol": ("ProtocolError", 76),
    "auth": ("AuthError", 77),
    "credentials": ("CredentialsError", 78),
}


@pytest.mark.parametrize("code", KINDS)
def test_each_kind_has_a_word_and_a_status(code: str) -> None:
    name, status = KINDS[code]
    kind = getattr(errors, name)
    error = kind("what", suggestion="do this", retryable=True)
    assert isinstance(error, StreamError)
    assert (error.code, error.status, str(error)) == (code, status, "what")
    assert (error.message, error.suggestion, error.retryable) == ("what", "do this", True)
    assert (kind("what").suggestion, kind("what").retryable) == ("", False)


def test_all_kinds_are_listed() -> None:
    assert {kind.__name__ for kind in StreamError.__subclasses__()} == {name for name, _ in KINDS.values()}
    drawn = errors.__doc__ or ""
    for name, status in KINDS.values():
        assert any(line.split()[1:3] == [name, str(status)] for line in drawn.splitlines() if "──" in line)


def test_the_statuses() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "OK": 0,
        "USAGE": 2,
        "REJECTED": 64,
        "UNTRUSTED": 65,
        "UNREACHABLE": 69,
        "REMOTE": 70,
        "OUTPUT": 74,
        "PROTOCOL": 76,
        "AUTH": 77,
        "CREDENTIALS": 78,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruptions_are_no_errors_to_be_caught_by_chance(number: int, status: int) -> None:
    interruption = Interrupted(number)
    assert interruption.status == status
    assert not isinstance(interruption, Exception)
