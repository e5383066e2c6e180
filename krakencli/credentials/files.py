"""Key and secret from files of one value each, or as two lines of a stream."""

import os
import stat
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from krakencli.credentials import Credentials, checked
from krakencli.errors import CredentialsError

MOST_BYTES = 4096


def from_files(key_file: str, secret_file: str) -> Credentials:
    """The pair that two files hold. CredentialsError where one cannot be read, or others can read it."""
    key, secret = _content(key_file, private=False), _content(secret_file, private=True)
    return checked(key, secret, names=(f"the file {key_file}", f"the file {secret_file}"))


def from_lines(stream: BinaryIO) -> Credentials:
    """The pair in the next two lines of a stream: the key, then the secret. What follows is left unread."""
    key, secret = (stream.readline(MOST_BYTES).decode("ascii", "replace").strip() for _ in range(2))
    if not (key and secret):
        raise CredentialsError(
            f"standard input holds no {'secret' if key else 'key'}",
            suggestion="give it two lines: the key, then the secret",
        )
    return checked(key, secret, names=("the first line of standard input", "the second line"))


def refuse_if_shared(status: os.stat_result, path: str) -> None:
    """CredentialsError for a file that its group or others can read or change."""
    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o066:
        raise CredentialsError(
            f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):03o})",
            suggestion=f"chmod 600 {quote(path)}",
        )


def reason_of(error: OSError) -> str:
    """Why a file cannot be used, in the system's words."""
    return (error.strerror or os.strerror(error.errno or 0)).lower()


def _content(path: str, *, private: bool) -> str:
    try:
        with Path(path).open("rb") as file:
            status, text = os.fstat(file.fileno()), file.read(MOST_BYTES)
    except OSError as error:
        raise CredentialsError(
            f"cannot read {path}: {reason_of(error)}", suggestion="name a file that holds it, alone"
        ) from None
    if private:
        refuse_if_shared(status, path)
    if not text.strip():
        raise CredentialsError(f"{path} is empty", suggestion="name a file that holds it, alone")
    return text.decode("ascii", "replace").strip()
