"""A server that has left closes the connections it accepted, and no others."""

import socket
from pathlib import Path

import pytest

from dealgate.wire.cutting import cut


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX])
def test_accepted_connections_are_closed(family: socket.AddressFamily, tmp_path: Path) -> None:
    """What was written arrives, then the end; who listens and who calls elsewhere go on."""
    path = str(tmp_path / "s")
    where = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0)}.get(family, path)
    with socket.socket(family) as listener, socket.socket(family) as caller:
        try:
            listener.bind(where)
        except OSError:
            pytest.skip("this machine has no IPv6")
        listener.listen()
        own = listener.getsockname()
        caller.connect(own)
        port, named = (0, path) if family is socket.AF_UNIX else (own[1], "")
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(b"answer")
            assert cut(port, named) == 1
            assert (caller.recv(9), caller.recv(9)) == (b"answer", b"")
        with socket.socket(family) as again:
            again.connect(own)
            listener.accept()[0].close()


def test_other_sockets_are_left_alone() -> None:
    """A pair without a name, and one of another port."""
    one, other = socket.socketpair()
    with one, other:
        assert cut(1) == 0
        one.sendall(b"x")
        assert other.recv(1) == b"x"
