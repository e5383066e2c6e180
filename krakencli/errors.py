"""Every way in which the program can fail, and the exit status of each.

    StreamError                     base of all; never raised itself
    ├── UsageError            2     what was typed cannot be done
    ├── RejectedError        64     the exchange refused a subscription asked for on the command line
    ├── UntrustedError       65     data that could not be trusted: a book that would not heal, an open gap
    ├── UnreachableError     69     no connection, or not one that can be trusted
    ├── RemoteError          70     REST or an order was answered with an error
    ├── OutputError          74     stdout does not take what is written: a full disk
    ├── ProtocolError        76     the other side speaks, but not this protocol
    ├── AuthError            77     key, secret, token or permission refused
    └── CredentialsError     78     key or secret missing, or kept unsafely

A message is one line: what happened and why. `suggestion` says what to do. Neither ever holds a secret.
This module imports nothing of the package.
"""

from enum import IntEnum
from typing import ClassVar


class ExitStatus(IntEnum):
    """The statuses that scripts may rely on (sysexits.h where it has a word for it)."""

    OK = 0
    USAGE = 2
    REJECTED = 64
    UNTRUSTED = 65
    UNREACHABLE = 69
    REMOTE = 70
    OUTPUT = 74
    PROTOCOL = 76
    AUTH = 77
    CREDENTIALS = 78
    INTERRUPTED = 130
    TERMINATED = 143


class StreamError(Exception):
    """Base of the program's own errors.

    `code` is the stable word for scripts, `retryable` says whether the same call may succeed later.
    """

    status: ClassVar[ExitStatus]
    code: ClassVar[str]

    def __init__(self, message: str, *, suggestion: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.retryable = retryable


class UsageError(StreamError):
    status = ExitStatus.USAGE
    code = "usage"


class RejectedError(StreamError):
    status = ExitStatus.REJECTED
    code = "rejected"


class UntrustedError(StreamError):
    status = ExitStatus.UNTRUSTED
    code = "untrusted"


class UnreachableError(StreamError):
    status = ExitStatus.UNREACHABLE
    code = "unreachable"


class RemoteError(StreamError):
    status = ExitStatus.REMOTE
    code = "remote"


class OutputError(StreamError):
    status = ExitStatus.OUTPUT
    code = "output"


class ProtocolError(StreamError):
    status = ExitStatus.PROTOCOL
    code = "protocol"


def undecodable(channel: str, why: str) -> ProtocolError:
    """For a record of a channel that we know, in a shape that we do not."""
    return ProtocolError(
        f"a {channel} record cannot be decoded: {why}",
        suggestion="the exchange may have changed its format: look for a newer kraken-stream",
    )


class AuthError(StreamError):
    status = ExitStatus.AUTH
    code = "auth"


class CredentialsError(StreamError):
    status = ExitStatus.CREDENTIALS
    code = "credentials"


class Interrupted(BaseException):
    """SIGINT or SIGTERM while nothing is being streamed; `status` is 130 or 143."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.status = ExitStatus(128 + signum)
