"""Whose certificates count. There is no way to let any pass: what is not to be verified is not reached."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

from syncd.core.web_address import Address


def trusted(address: Address, ca_file: str | None) -> ssl.SSLContext:
    """Certificates of `ca_file` alone, or of the system's store. OSError: `ca_file` is none.

    For an address without TLS nothing is loaded, and nothing would pass.
    """
    if ca_file:
        return ssl.create_default_context(cafile=ca_file)
    if not address.secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    if not _complete(context):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _complete(context: ssl.SSLContext) -> bool:
    """Whether the system's store says all that it trusts. Windows fetches an authority when a program of its own first meets
    it, so a fresh server lists few; others have no store at all.
    """
    return sys.platform != "win32" and bool(context.cert_store_stats()["x509_ca"] or _directory())


def _directory() -> bool:
    """Whether the system keeps its certificates one by one, read when they are needed."""
    at = ssl.get_default_verify_paths().capath
    return at is not None and any(Path(at).iterdir())


def fault(error: BaseException | None) -> str:
    """What is wrong with the other side's certificate, in words; '' when that is not what went wrong."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _SAID.get(error.verify_code, error.verify_message.rstrip("."))
        if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
            return "what answers there speaks no TLS"
        error = error.__cause__ or error.__context__
    return ""


def reason(error: BaseException | None) -> str:
    """The same as a code with words for people (core.words)."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _REASON.get(error.verify_code, "certificate")
        if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
            return "no_tls"
        error = error.__cause__ or error.__context__
    return ""


_REASON = {
    9: "certificate_early",
    10: "certificate_expired",
    18: "certificate_unknown",
    19: "certificate_unknown",
    20: "certificate_unknown",
    21: "certificate_unknown",
    62: "certificate_name",
    64: "certificate_name",
}
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_SAID = {  # X509_V_ERR_…
    9: "it is not valid yet: compare the clocks",
    10: "it has expired: compare the clocks",
    18: "it is self-signed",
    19: "its authority is not known here",
    20: "its authority is not known here",
    21: "its authority is not known here",
    62: "it is for another name",
    64: "it is for another address",
}
