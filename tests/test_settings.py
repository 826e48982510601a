"""Claims about what an operator may set."""

import pytest
from pydantic import ValidationError

from dealgate.settings import Settings


@pytest.mark.parametrize("address", ["localhost:0", "[::]:65535", "unix:/run/dealgate.socket"])
def test_an_address_is_a_port_or_a_socket(address: str) -> None:
    """All that gRPC listens on is left as it is."""
    assert Settings(address=address).address == address


@pytest.mark.parametrize("address", ["", "localhost", "localhost:", "localhost:99999", "[::]:x"])
def test_an_address_without_a_real_port_is_refused(address: str) -> None:
    """Otherwise gRPC chooses another port in silence, and callers would not find the server."""
    with pytest.raises(ValidationError, match="host:port"):
        Settings(address=address)


@pytest.mark.parametrize(("given", "read"), [("off", "off"), ("0.5", 0.5), ("60", 60.0)])
def test_reload_is_off_or_seconds(
    monkeypatch: pytest.MonkeyPatch, given: str, read: float | str
) -> None:
    """Rules are followed unless that is switched off."""
    monkeypatch.setenv("DEALGATE_RELOAD", given)
    assert Settings().reload == read
    monkeypatch.setenv("DEALGATE_RELOAD", "0")
    with pytest.raises(ValidationError):
        Settings()
