"""The server's PEM files: checked before they are used, and reloaded when they change."""

import ipaddress
import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from dealgate.model.errors import OperatorError
from dealgate.model.stamps import stamp_of

log = logging.getLogger("dealgate")
CHANGED = {"event": "dealgate.tls.certificate.changed"}
REFUSED = {"event": "dealgate.tls.certificate.refused"}


# As operators name the files.
CERTIFICATE = "DEALGATE_TLS_CERTIFICATE"
KEY = "DEALGATE_TLS_KEY"
CLIENT_CA = "DEALGATE_TLS_CLIENT_CA"


class UnusableCertificate(OperatorError):
    """PEM files that cannot be served; says which, and why."""

    reason = "UNUSABLE_CERTIFICATE"


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files. With `client_ca`, callers must show a certificate it signed (mTLS)."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Certificates:
    """What is served: read at the start, and again before the first call after a change."""

    def __init__(self, tls: Tls) -> None:
        """Raises UnusableCertificate."""
        self._tls = tls
        self._stamp = self._stamped()
        self._configuration = _read(tls)

    def credentials(self) -> grpc.ServerCredentials:
        """Return what gRPC listens with; it asks for changes at every handshake."""
        return grpc.dynamic_ssl_server_credentials(
            self._configuration,
            self.changed,  # type: ignore[arg-type]  # None: nothing has changed
            require_client_authentication=self._is_mutual,
        )

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """Return the new files; None: they are the old ones, or cannot be served, which is logged.

        Called by a thread of gRPC's: nothing may be raised.
        """
        stamp = self._stamped()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            self._configuration = _read(self._tls)
        except Exception as error:  # noqa: BLE001 - the old ones are served on
            words = "the old certificate is served on: %s"
            log.error(words, error, extra=REFUSED)  # noqa: TRY400 - no defect
            return None
        log.info("a new certificate is served: %s", self._tls.certificate, extra=CHANGED)
        return self._configuration

    @property
    def _is_mutual(self) -> bool:
        return self._tls.client_ca is not None

    def _stamped(self) -> tuple[object, ...]:
        """Return what differs once a file was written or replaced."""
        files = (self._tls.certificate, self._tls.key, self._tls.client_ca)
        return tuple(stamp_of(file) for file in files if file is not None)


def warn_of_clear_text(address: str) -> None:
    """Log that strangers on the network can read what is sent to this address, if they can."""
    host = address.rpartition(":")[0].strip("[]")
    if address.startswith("unix:") or host == "localhost":
        return
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        log.warning(
            "%s is served without TLS: anyone on the network can read and make decisions; "
            "set DEALGATE_TLS_CERTIFICATE and DEALGATE_TLS_KEY",
            address,
        )


def _read(tls: Tls) -> grpc.ServerCertificateConfiguration:
    _check(tls)
    return grpc.ssl_server_certificate_configuration(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=tls.client_ca.read_bytes() if tls.client_ca else None,
    )


def _unreadable(tls: Tls) -> str:
    """Return the first of the files that is not there or not ours to read; OpenSSL does not say."""
    files = ((CERTIFICATE, tls.certificate), (KEY, tls.key), (CLIENT_CA, tls.client_ca))
    given = [(name, file) for name, file in files if file is not None]
    name, file = next((one for one in given if not os.access(one[1], os.R_OK)), given[0])
    return f"{name} {file}"


def _check(tls: Tls) -> None:
    """Raise UnusableCertificate unless OpenSSL can serve them; gRPC would not say what is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = f"{CERTIFICATE} {tls.certificate} and {KEY} {tls.key}"
    try:
        # Without a password it would ask the terminal for one.
        context.load_cert_chain(tls.certificate, tls.key, password=lambda: "")
        if tls.client_ca is not None:
            pair = f"{CLIENT_CA} {tls.client_ca}"
            context.load_verify_locations(tls.client_ca)
    except ssl.SSLError as error:
        wrong = "the key is another certificate's" if "MISMATCH" in str(error) else str(error)
        raise UnusableCertificate(f"{pair} cannot be served as PEM files: {wrong}") from None
    except OSError as error:
        raise UnusableCertificate(f"{_unreadable(tls)} cannot be read: {error.strerror}") from None
    if tls.client_ca is not None and not context.get_ca_certs():
        raise UnusableCertificate(f"{pair} holds no certificate: every caller would be refused")
