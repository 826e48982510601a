"""Claims about what an operator may set."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import dealgate
from dealgate.settings import Settings
from dealgate.settings.faults import setting_faults, unknown, variables

NAME = re.compile(r'"(DEALGATE_[A-Z_]+)"')


@pytest.mark.parametrize("address", ["localhost:0", "[::]:65535", "unix:/run/dealgate.socket"])
def test_an_address_is_a_port_or_a_socket(address: str) -> None:
    """All that gRPC listens on is left as it is."""
    assert Settings(address=address).address == address


@pytest.mark.parametrize(
    "address", ["", "localhost", "localhost:", "localhost:99999", "[::]:x", "50051", ":50051"]
)
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


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DEALGATE_GRACE", "inf", "finite number"),
        ("DEALGATE_RELOAD", "1e400", "finite number"),
        ("DEALGATE_LAME_DUCK", "nan", "finite number"),
        ("DEALGATE_GRACE", "1e300", "more than 1,000,000,000 seconds"),
        ("DEALGATE_KEY_LIFETIME", "10000000000", "more than 1,000,000,000 seconds"),
        ("DEALGATE_GRACE", "5s", "write a number, without a unit"),
        ("DEALGATE_GRACE", "\u0663", "write a number"),
        (
            "DEALGATE_RELOAD",
            "banana",
            "a number, without a unit, or write 'off'",
        ),
        ("DEALGATE_RELOAD", "-5", "DEALGATE_RELOAD: must be more than 0, or write 'off'"),
        ("DEALGATE_WORKERS", "0", "must be at least 1"),
        ("DEALGATE_WORKERS", "1.5", "write a whole number"),
        ("DEALGATE_LOG_LEVEL", "loud", "write 'debug', 'info', 'warning' or 'error'"),
        ("DEALGATE_RELEASE_RPC", "maybe", "write true or false"),
        ("DEALGATE_MAX_MESSAGE_BYTES", "4MB", "write a whole number, without a unit"),
        ("DEALGATE_RULES", "a\nb", "control characters"),
        ("DEALGATE_JOURNAL", "a\udcffb", "not UTF-8"),
        ("DEALGATE_KINDS", "score\x7f", "control characters"),
    ],
)
def test_a_value_that_nothing_can_be_made_of(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """It is refused at the start by name, rather than met when the server is to end."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    faults = setting_faults(caught.value)
    assert all(fault.startswith(f"{name}: ") for fault in faults)
    assert says in "\n".join(faults)


def test_an_empty_setting_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with OTEL_*: compose files write DEALGATE_X=${X:-}."""
    unset = Settings()
    for name in variables():
        monkeypatch.setenv(name, "")
    assert Settings() == unset


def test_a_misspelt_setting_is_refused_by_name() -> None:
    """Whoever writes LAMEDUCK reads of LAME_DUCK, instead of waiting for what never comes."""
    assert unknown(["DEALGATE_LAMEDUCK", "PATH"]) == [
        "DEALGATE_LAMEDUCK: is not a setting of Dealgate; did you mean DEALGATE_LAME_DUCK?"
    ]
    (fault,) = unknown(["DEALGATE_XYZZY"])
    assert fault.startswith("DEALGATE_XYZZY: is not a setting of Dealgate; `dealgate config`")
    assert unknown(variables()) == []


def test_what_kubernetes_sets_is_no_setting() -> None:
    """A service named dealgate leaves variables in every pod beside it, its own among them."""
    links = ["DEALGATE_SERVICE_HOST", "DEALGATE_SERVICE_PORT", "DEALGATE_PORT_50051_TCP_ADDR"]
    links += ["DEALGATE_PORT", "DEALGATE_FRONT_SERVICE_HOST", "DEALGATE_FRONT_SERVICE_PORT"]
    assert unknown(links) == []
    assert len(unknown(["DEALGATE_PORT", "DEALGATE_SERVICE_PORT"])) == 2
    assert len(unknown([*links, "DEALGATE_PORT_X", "DEALGATE_SERVICE_HOSTS"])) == 2


@pytest.mark.parametrize("address", ["9464", "localhost:", "localhost:0", ":9464", "x:99999"])
def test_prometheus_needs_a_whole_address(address: str) -> None:
    """Prometheus has to know where to look."""
    with pytest.raises(ValidationError, match="host:port"):
        Settings(metrics_listen=address)


def test_a_key_for_pseudonyms_is_long_and_not_shown() -> None:
    """A short key is found by trying; a key in a log is not one any more."""
    with pytest.raises(ValidationError, match="16 characters"):
        Settings(pseudonym_key="short")
    assert "0123456789abcdef" not in repr(Settings(pseudonym_key="0123456789abcdef"))


def test_what_dealgate_reads_does_not_keep_a_server_from_starting() -> None:
    """Variables of commands, of the cache and of processes that a server starts are known to it."""
    sources = Path(dealgate.__file__).parent.rglob("*.py")
    read = {name for path in sources for name in NAME.findall(path.read_text("utf-8"))}
    assert {"DEALGATE_CACHE", "DEALGATE_TRACE_URL"} <= read
    assert unknown(read) == []


COUNTS = [name for name, field in Settings.model_fields.items() if field.annotation is int]


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_that_nothing_can_hold_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What gRPC's options cannot hold would end the start with a traceback."""
    monkeypatch.setenv(f"DEALGATE_{name.upper()}", "3000000000")
    with pytest.raises(ValidationError, match=r"is more than 2,147,483,647|less than or equal"):
        Settings()
