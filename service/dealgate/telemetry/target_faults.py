"""Why no export to a collector could ever succeed: found at the start, not reported as losses."""

import re
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from dealgate.telemetry.routes import Target

PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
GRPC_KEY = re.compile(r"[0-9a-z_.-]+")


def never_sent(target: Target) -> Iterator[str]:
    """Yield what gRPC would leave out or refuse each time."""
    if target.protocol != "grpc":
        return
    if urlsplit(target.endpoint).path.strip("/"):
        yield f"ENDPOINT: has a path, which gRPC does not send; delete it, or set {PROTOCOL}"
    wrong = [key for key, _ in target.headers if not GRPC_KEY.fullmatch(key)]
    if wrong:
        yield f"HEADERS: gRPC has no headers of the name {wrong[0]}; delete it"


def tls_faults(target: Target) -> Iterator[str]:
    """Yield what is wrong with the files for TLS."""
    if (target.client_certificate is None) != (target.client_key is None):
        yield "CLIENT_CERTIFICATE: goes together with CLIENT_KEY; set both or neither"
    elif not target.has_tls:
        files = {
            "CERTIFICATE": target.certificate,
            "CLIENT_CERTIFICATE": target.client_certificate,
        }
        for name, path in files.items():
            if path is not None:
                yield f"{name}: is not used by {target.endpoint}; write https://, or unset it"
    else:
        yield from _unusable(target)


def _unusable(target: Target) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if target.certificate is not None:
        try:
            context.load_verify_locations(target.certificate)
        except (OSError, ssl.SSLError):
            yield f"CERTIFICATE: holds no certificate in PEM: {target.certificate}"
    if target.client_certificate is not None:
        try:
            context.load_cert_chain(target.client_certificate, target.client_key, lambda: b"")
        except (OSError, ssl.SSLError):
            yield "CLIENT_CERTIFICATE: and CLIENT_KEY are not a certificate and its key in PEM"
