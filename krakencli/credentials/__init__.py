"""The API key and its secret: what they are, that they are never shown, and where they come from.

This module holds the pair and its form; `files`, `store` and `vault` know one kind of source each, `sources`
the order in which they are asked. Only `store` and `vault` write anything, and only for `keys`.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from krakencli.errors import CredentialsError

KEY = "KRAKEN_API_KEY"
SECRET = "KRAKEN_API_SECRET"  # noqa: S105 - the name of a variable
OTP = "KRAKEN_API_OTP"
HOW = f"kraken-stream keys set, or export {KEY}=... {SECRET}=... (made on kraken.com under Settings > API)"
TIERS = ("starter", "intermediate", "pro")
"""An account's tiers, which set how fast its keys may call REST; the first is the slowest."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A public API key, and the secret that signs, in the exchange's base64.

    `otp` is the key's second factor, where it has one; `tier` is that of the account. Neither key nor secret
    nor second factor appears in `repr` or `str`, and an instance cannot be pickled or copied into a record of
    anything.
    """

    key: str
    secret: str
    otp: str = ""
    tier: str = TIERS[0]

    @property
    def masked_key(self) -> str:
        """Enough of the public key to tell two apart."""
        return f"{self.key[:4]}…" if len(self.key) >= 16 else "…"

    def __repr__(self) -> str:
        return f"Credentials(key={self.masked_key!r}, secret='…')"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never written down")


def from_environment(environ: Mapping[str, str]) -> Credentials:
    """The credentials in `KRAKEN_API_KEY` and `KRAKEN_API_SECRET`, white space around them ignored.

    CredentialsError where one is missing or empty, or has a form that no key or secret has.
    """
    values = {name: environ.get(name, "").strip() for name in (KEY, SECRET)}
    missing = [name for name, value in values.items() if not value]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise CredentialsError(f"{' and '.join(missing)} {verb} not set", suggestion=HOW)
    return checked(values[KEY], values[SECRET])


def checked(key: str, secret: str, *, names: tuple[str, str] = (KEY, SECRET)) -> Credentials:
    """The pair, where both have a possible form: CredentialsError otherwise, without showing either.

    `names` says where they come from.
    """
    if not (key and key.isascii() and key.isprintable() and " " not in key):
        raise CredentialsError(
            f"{names[0]} holds characters that no key has", suggestion="copy the key again"
        )
    if not _is_base64(secret):
        raise CredentialsError(
            f"{names[1]} is not base64", suggestion="copy the private key again, all of it"
        )
    return Credentials(key, secret)


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except ValueError:
        return False
