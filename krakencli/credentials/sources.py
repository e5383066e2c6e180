"""Where key and secret come from: what was typed, the environment, the file, the keyring, in this order.

Nothing is guessed: a source that was named, or is half there, is an error where it has no key; the next one
is not asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from krakencli.credentials import HOW, KEY, OTP, SECRET, Credentials, checked, from_environment, vault
from krakencli.credentials.files import from_files, from_lines
from krakencli.credentials.store import Profile, Store, load
from krakencli.errors import CredentialsError, UsageError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of a command name; `stdin` gives standard input, where it is to be read."""

    key_file: str | None = None
    secret_file: str | None = None
    stdin: Callable[[], BinaryIO] | None = None
    profile: str | None = None
    tier: str | None = None

    def __post_init__(self) -> None:
        """UsageError for names that exclude one another."""
        if bool(self.key_file) != bool(self.secret_file):
            raise UsageError("--api-key-file and --api-secret-file go together", suggestion="name both files")
        if sum(map(bool, (self.key_file, self.stdin, self.profile))) > 1:
            raise UsageError(
                "--api-key-file, --credentials-stdin and --profile exclude one another",
                suggestion="keep one of them",
            )


@dataclass(frozen=True, slots=True)
class Found:
    """A key, and in words where it was."""

    credentials: Credentials
    source: str


def find(wanted: Wanted, environ: Mapping[str, str], config: Path | None) -> Found:
    """The key to use. `config` is the user's file, None for a user without a home.

    Raises CredentialsError where there is none, or where it is kept unsafely.
    """
    found, tier = _find(wanted, environ, config)
    otp = environ.get(OTP, "").strip()
    tier = wanted.tier or tier or found.credentials.tier
    return replace(found, credentials=replace(found.credentials, otp=otp, tier=tier))


def _find(wanted: Wanted, environ: Mapping[str, str], config: Path | None) -> tuple[Found, str]:
    """The key, and the tier that the user's file names for it."""
    if wanted.profile:
        return of_profile(_loaded(config, wanted.profile), wanted.profile)
    if wanted.key_file and wanted.secret_file:
        credentials = from_files(wanted.key_file, wanted.secret_file)
        return Found(credentials, f"the file {wanted.secret_file}"), _general_tier(config)
    if wanted.stdin:
        return Found(from_lines(wanted.stdin()), "standard input"), _general_tier(config)
    if in_environment(environ):
        return Found(from_environment(environ), "the environment"), _general_tier(config)
    store = load(config) if config else None
    if store is None or store.default not in store.profiles:
        where = f", and {config} has no profile" if config else ""
        if store and store.profiles:
            where += f" {store.default!r}: name one with --profile ({', '.join(store.profiles)})"
        raise CredentialsError(f"{KEY} and {SECRET} are not set{where}", suggestion=HOW)
    return of_profile(store, store.default)


def is_there(wanted: Wanted, environ: Mapping[str, str], config: Path | None) -> bool:
    """Whether `find` has a place to take a key from; whether that one is any good it says itself.

    Raises CredentialsError for a file of the user's that is kept unsafely, or cannot be read.
    """
    if wanted.profile or wanted.key_file or wanted.stdin or in_environment(environ):
        return True
    store = load(config) if config else None
    return store is not None and store.default in store.profiles


def in_environment(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a key, or half of one."""
    return any(environ.get(name, "").strip() for name in (KEY, SECRET))


def of_profile(store: Store, name: str) -> tuple[Found, str]:
    """The key of a profile, from the file or the keyring, and its tier."""
    profile = store.profile(name)
    key, secret = (profile.key, profile.secret) if profile.secret else _in_keyring(profile)
    where = f"profile {name} in {store.path if profile.secret else 'the keyring'}"
    credentials = checked(key, secret, names=(f"the key of {where}", f"the secret of {where}"))
    return Found(credentials, where), profile.tier or store.tier


def _in_keyring(profile: Profile) -> tuple[str, str]:
    pair = vault.get(profile.name) if profile.keyring else None
    if pair is None:
        where = "the keyring has none" if profile.keyring else "it holds none"
        raise CredentialsError(
            f"the profile {profile.name!r} has no key: {where}",
            suggestion=f"kraken-stream keys set --profile {profile.name}",
        )
    return pair


def _loaded(config: Path | None, name: str) -> Store:
    if config is None:
        raise CredentialsError(
            f"there is no profile {name!r}: you have no home directory", suggestion="set XDG_CONFIG_HOME"
        )
    return load(config)


def _general_tier(config: Path | None) -> str:
    return load(config, for_secrets=False).tier if config else ""
