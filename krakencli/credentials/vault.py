"""The system's keyring, for those who have the `[keyring]` extra: one entry a profile."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

from krakencli.errors import CredentialsError, UsageError

SERVICE = "kraken-stream"
T = TypeVar("T")


def get(name: str) -> tuple[str, str] | None:
    """Key and secret of a profile, None where the keyring has none. CredentialsError where it cannot be
    asked.
    """
    require()
    import keyring  # noqa: PLC0415 - slow, and few keep keys there

    key, _, secret = (_asked(lambda: keyring.get_password(SERVICE, name)) or "").partition("\n")
    return (key, secret) if key and secret else None


def put(name: str, key: str, secret: str) -> None:
    """Keep a profile's key and secret. Raises as `get`."""
    require()
    import keyring  # noqa: PLC0415 - as above

    _asked(lambda: keyring.set_password(SERVICE, name, f"{key}\n{secret}"))


def drop(name: str) -> None:
    """Forget a profile; one that is not there is forgotten already. Raises as `get`."""
    if get(name) is not None:
        import keyring  # noqa: PLC0415 - as above

        _asked(lambda: keyring.delete_password(SERVICE, name))


def require() -> None:
    """UsageError with the command to run where the extra is not installed."""
    if find_spec("keyring") is None:
        raise UsageError(
            "the system keyring needs the [keyring] extra", suggestion="pip install 'kraken-stream[keyring]'"
        )


def _asked(call: Callable[[], T]) -> T:
    """What the keyring says; its own words about a failure may hold anything."""
    from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415 - as above

    try:
        return call()
    except NoKeyringError:
        problem = "there is no system keyring here"
    except KeyringError as error:
        problem = f"the system keyring refuses ({type(error).__name__})"
    raise CredentialsError(
        problem, suggestion="unlock it, or keep the key in the file: kraken-stream keys set"
    )
