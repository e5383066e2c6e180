"""Profiles in the user's `config.toml`: key and secret under a name, in a file that only its owner reads.

    default_profile = "main"
    tier = "pro"

    [profiles.main]
    api_key = "..."
    api_secret = "..."

`keyring = true` in the place of the two says that the system's keyring has them. A second factor is never
stored. Reading is the standard library's; tomlkit, which keeps what else the file holds, is for writing only.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from krakencli.credentials import TIERS
from krakencli.credentials.files import reason_of, refuse_if_shared
from krakencli.errors import CredentialsError, UsageError

DEFAULT = "default"
MOST_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_WHERE = re.compile(r"line \d+")
_BROKEN = "mend it by hand, or move it away"


@dataclass(frozen=True, slots=True)
class Profile:
    """One name's entry. `tier` is "" where it says none; `keyring` that the keyring has key and secret."""

    name: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    tier: str = ""
    keyring: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """What the file at `path` says of keys; nothing where there is no file."""

    path: Path
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    default: str = DEFAULT
    tier: str = ""

    def profile(self, name: str) -> Profile:
        """CredentialsError where there is none of this name."""
        if name not in self.profiles:
            known = ", ".join(self.profiles) or "none"
            raise CredentialsError(
                f"{self.path} has no profile {name!r}; it has {known}",
                suggestion=f"kraken-stream keys set --profile {checked_name(name)}",
            )
        return self.profiles[name]


def checked_name(name: str) -> str:
    """The name of a profile, where it may be one: UsageError otherwise."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a profile", suggestion="use letters, digits and . _ -, at most 40"
        )
    return name


def load(path: Path, *, for_secrets: bool = True) -> Store:
    """What the file holds. CredentialsError where it is broken, or keeps secrets that others can read.

    Without `for_secrets` it is asked for nothing secret: then it may be unreadable, or readable by all.
    """
    try:
        with path.open("rb") as file:
            status, text = os.fstat(file.fileno()), file.read(MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return Store(path)
    except OSError as error:
        if not for_secrets:
            return Store(path)
        raise CredentialsError(
            f"cannot read {path}: {reason_of(error)}", suggestion=f"see who owns {path}"
        ) from None
    store = _store(path, _decoded(text, path))
    if for_secrets and any(profile.secret for profile in store.profiles.values()):
        refuse_if_shared(status, str(path))
    return store


def was_shared(store: Store) -> bool:
    """Whether others could read the secrets that the file has held so far."""
    try:
        load(store.path)
    except CredentialsError:
        return bool(store.profiles)
    return False


def put(path: Path, profile: Profile) -> None:
    """Write a profile, in the place of one of the same name; the first becomes the default.

    The rest of the file stays as it is. CredentialsError where the file is broken or cannot be written.
    """

    def change(document: MutableMapping[str, Any]) -> None:
        profiles = document["profiles"]
        if not profiles and "default_profile" not in document and profile.name != DEFAULT:
            document["default_profile"] = profile.name
        entry = profiles.setdefault(profile.name, {})
        values = {
            "api_key": profile.key,
            "api_secret": profile.secret,
            "tier": profile.tier or entry.get("tier"),
            "keyring": profile.keyring,
        }
        for name, value in values.items():
            if value:
                entry[name] = value
            else:
                entry.pop(name, None)

    _edit(path, change)


def drop(path: Path, name: str) -> None:
    """Take a profile out; it is no default any more. CredentialsError as `put`."""

    def change(document: MutableMapping[str, Any]) -> None:
        document["profiles"].pop(name)
        if document.get("default_profile") == name:
            document.pop("default_profile")

    _edit(path, change)


Change = Callable[[MutableMapping[str, Any]], None]


def _edit(path: Path, change: Change) -> None:
    load(path, for_secrets=False)  # says what is wrong with a broken file, in our words
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        _write(path.resolve(), _edited(path, text, change))
    except OSError as error:
        raise CredentialsError(
            f"cannot write {path}: {reason_of(error)}", suggestion="set XDG_CONFIG_HOME to a place of yours"
        ) from None


def _edited(path: Path, text: str, change: Change) -> bytes:
    """The text after a change, its comments kept. It is read again before it may replace the old one."""
    import tomlkit  # noqa: PLC0415 - only writing needs it
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    due = {"profiles": {}, **tomllib.loads(text)}
    change(due)
    for rewritten in (False, True):  # profiles in an unusual form are written anew, as tables
        document = tomlkit.parse(text)
        profiles: Any = tomlkit.table(is_super_table=True)
        if rewritten:
            profiles.update(document.pop("profiles", profiles).unwrap())
        if "profiles" not in document:
            document["profiles"] = profiles
        with suppress(TOMLKitError, ValueError, TypeError):
            change(document)
            content = tomlkit.dumps(document)
            if {"profiles": {}, **tomllib.loads(content)} == due:
                return content.encode()
    raise CredentialsError(f"{path} has a form that cannot be changed safely", suggestion=_BROKEN)


def _write(path: Path, content: bytes) -> None:
    """The whole file or the old one, never readable by others, not for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _decoded(text: bytes, path: Path) -> dict[str, Any]:
    """The document; an error tells the line, and nothing that stands there."""
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        where = "its text is not UTF-8"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _WHERE.search(str(error))
        where = found[0] if found else "its end"
    raise CredentialsError(f"{path} is no TOML: {where}", suggestion=_BROKEN)


def _store(path: Path, document: dict[str, Any]) -> Store:
    entries = document.get("profiles", {})
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise CredentialsError(f"{path}: profiles are tables, [profiles.NAME]", suggestion=_BROKEN)
    profiles = {name: _profile(path, name, entry) for name, entry in entries.items()}
    return Store(path, profiles, _text(path, document, "default_profile") or DEFAULT, _tier(path, document))


def _profile(path: Path, name: str, entry: dict[str, Any]) -> Profile:
    keyring = entry.get("keyring", False)
    if not isinstance(keyring, bool):
        raise CredentialsError(f"{path}: keyring is true or false", suggestion=_BROKEN)
    key, secret = (_text(path, entry, field).strip() for field in ("api_key", "api_secret"))
    if bool(key) != bool(secret):
        lacking = "api_secret" if key else "api_key"
        raise CredentialsError(f"{path}: the profile {name!r} has no {lacking}", suggestion=_BROKEN)
    return Profile(name, key, secret, _tier(path, entry), keyring)


def _text(path: Path, table: dict[str, Any], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise CredentialsError(f"{path}: {name} is a text in quotes", suggestion=_BROKEN)
    return value


def _tier(path: Path, table: dict[str, Any]) -> str:
    tier = _text(path, table, "tier").lower()
    if tier and tier not in TIERS:
        raise CredentialsError(f"{path}: tier is one of {', '.join(TIERS)}", suggestion=_BROKEN)
    return tier
