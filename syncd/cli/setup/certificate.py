"""Whether a certificate can stand before the portal: asked before anything is made that counts on it."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from syncd.core.errors import UsageError


def check(host: str, cert: Path, key: Path, now: datetime) -> None:
    """Raises UsageError: `cert` is none, has expired, or is for another name than `host`; `key` is not its key."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(cert.read_bytes())[0]
        names = _names(found)
    except (OSError, ValueError) as e:
        raise UsageError(
            f"'{cert}' is no certificate that can be read ({_said(e)}).", mend="Name a PEM file."
        ) from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")  # none is asked for
    except (OSError, ValueError) as e:  # ssl.SSLError is one
        raise UsageError(
            f"'{key}' is not the key of '{cert}', or cannot be read ({_said(e)}).",
            mend="Name the two that were made together; the key without a password.",
        ) from None
    if not any(_covers(name, host) for name in names):
        raise UsageError(
            f"the certificate '{cert}' is for {', '.join(names) or 'no name'}, not for {host}.",
            mend="Name the one of this host, or give --host as it says.",
        )
    if found.not_valid_after_utc < now:
        raise UsageError(
            f"the certificate '{cert}' expired on {found.not_valid_after_utc:%Y-%m-%d}.", mend="Renew it first."
        )


def _names(certificate: object) -> list[str]:
    from cryptography import x509

    assert isinstance(certificate, x509.Certificate)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]


def _covers(name: str, host: str) -> bool:
    """`*` stands for one label."""
    first, _, rest = name.lower().partition(".")
    return name.lower() == host.lower() or (first == "*" and bool(rest) and host.lower().partition(".")[2] == rest)


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no PEM").replace("_", " ").lower()
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
