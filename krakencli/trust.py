"""Which certificates are trusted: one rule for WebSocket and REST alike.

Without a file of its own the program trusts what the system trusts, as OpenSSL finds it (`SSL_CERT_FILE` and
`SSL_CERT_DIR` included); with one it trusts that file only. `ssl` is imported inside: plain loopback
connections and `--help` do without it.
"""

import os
from typing import TYPE_CHECKING

from krakencli.errors import UsageError

if TYPE_CHECKING:
    import ssl

HOW = "name a PEM file of the authorities to trust with --ca-file or SSL_CERT_FILE"


def context(ca_file: str | None = None) -> "ssl.SSLContext":
    """A client's context that checks chain and host name, TLS 1.2 at least.

    UsageError where `ca_file` cannot be read or holds no certificate, or where there is nothing to trust.
    """
    import ssl  # noqa: PLC0415 - 10 ms that only TLS needs

    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusted.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        _load(trusted, ca_file)
    elif _has_system_store(ssl.get_default_verify_paths()):
        trusted.load_default_certs()
    else:
        _load(trusted, _bundle())
    return trusted


def _load(trusted: "ssl.SSLContext", ca_file: str) -> None:
    try:
        trusted.load_verify_locations(cafile=ca_file)
    except FileNotFoundError:
        problem = "does not exist"
    except (OSError, ValueError) as error:  # ssl.SSLError, PermissionError and IsADirectoryError are OSErrors
        problem = _problem(error)
    else:
        problem = "" if trusted.cert_store_stats()["x509"] else "holds no certificate"
    if problem:
        raise UsageError(f"the CA file {ca_file!r} {problem}", suggestion=HOW)


def _problem(error: Exception) -> str:
    import ssl  # noqa: PLC0415 - already loaded by the caller

    if isinstance(error, ssl.SSLError):
        return "holds no certificate in PEM form"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return "cannot be read"


def _has_system_store(paths: "ssl.DefaultVerifyPaths") -> bool:
    """Whether OpenSSL's default file has content, or its directory an entry; both follow the environment."""
    try:
        if paths.cafile and os.path.getsize(paths.cafile):
            return True
        return bool(paths.capath and os.listdir(paths.capath))
    except OSError:
        return False


def _bundle() -> str:
    """The bundle that comes with `requests`, unless the user named a store that is not there."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if os.environ.get(name):
            raise UsageError(
                f"{name} names {os.environ[name]!r}, where there are no certificates", suggestion=HOW
            )
    try:
        import certifi  # noqa: PLC0415 - needed only where the system has no store
    except ImportError:
        raise UsageError("this system has no store of trusted certificates", suggestion=HOW) from None
    return certifi.where()
