"""Why the server cannot listen on an address: gRPC says only that it failed."""

import socket

UNIX = "unix:"


def unbound(address: str) -> str:
    """Say why gRPC could not listen on `address`, as far as the system tells."""
    why = "gRPC refused it; GRPC_VERBOSITY=debug has it say more"
    if not address.startswith(UNIX):
        host, _, port = address.rpartition(":")
        why = _why(host.strip("[]"), int(port)) or why
    return f"DEALGATE_ADDRESS: cannot listen on {address}: {why}"


def _why(host: str, port: int) -> str:
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.bind(place)
    except socket.gaierror:
        return "no such host is known; name an address of this machine"
    except OSError as error:
        return f"{error.strerror}; stop what listens there, or name another address"
    return ""
