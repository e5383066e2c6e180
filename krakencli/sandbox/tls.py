"""A self-signed certificate for `localhost`, made anew for each sandbox and gone with it."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path


def _certificate() -> tuple[bytes, bytes]:
    """`(certificate, private key)` as PEM, valid for a week, for localhost and both loopback addresses."""
    # Imported here, because only --tls needs it.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kraken-stream sandbox")])
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(one)) for one in ("127.0.0.1", "::1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


class ServerTls:
    """The certificate in a temporary directory (`ca_file`), and the context that serves it."""

    def __init__(self) -> None:
        certificate, key = _certificate()
        self._directory = tempfile.TemporaryDirectory(prefix="kraken-sandbox-")
        self.ca_file = Path(self._directory.name, "ca.pem")
        self.ca_file.write_bytes(certificate)
        key_file = Path(self._directory.name, "key.pem")
        key_file.touch(0o600)
        key_file.write_bytes(key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.ca_file, key_file)
        key_file.unlink()

    def remove(self) -> None:
        """Deletes the directory."""
        self._directory.cleanup()
