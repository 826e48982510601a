"""Checks of single settings; each returns the value, or raises ValueError."""

from ipaddress import ip_address

PORT_MAX = 65535
KEY_LENGTH = 16
YES = ("1", "true", "on", "yes")
NO = ("", "0", "false", "off", "no")
UNIX = "unix:"


def switched(value: object) -> str:
    """Return "1" for what says yes and "" for what says no; anything else is a place."""
    words = {**dict.fromkeys(YES, "1"), **dict.fromkeys(NO, "")}
    return words.get(str(value).strip().lower(), str(value))


def whole_name_servers(servers: str) -> str:
    """Return addresses with ports, comma-separated."""
    for server in filter(None, (address.strip() for address in servers.split(","))):
        address, _, port = server.rpartition(":")
        try:
            ip_address(address.strip("[]"))
            given = 0 < int(port) <= PORT_MAX
        except ValueError:
            given = False
        if not given:
            raise ValueError("write IP addresses with ports: 127.0.0.1:53, [::1]:53")
    return servers


def addresses_of(servers: str) -> list[tuple[str, int]]:
    """Return the addresses and ports that a setting lists."""
    pairs = [server.strip().rpartition(":") for server in servers.split(",") if server.strip()]
    return [(address.strip("[]"), int(port)) for address, _, port in pairs]


def metrics_address(address: str) -> str:
    """Return host:port, or nothing."""
    host, _, port = address.rpartition(":")
    given = host and port.isdecimal() and port.isascii() and 0 < int(port) <= PORT_MAX
    if address and not given:
        raise ValueError(f"write host:port, the port from 1 to {PORT_MAX}")
    return address


def server_address(address: str) -> str:
    """Return host:port or unix:/path."""
    # gRPC itself takes port 99999 for 34463, and none for 443.
    # Of a port alone it makes a host.
    host, _, port = address.rpartition(":")
    given = host and port.isdecimal() and port.isascii() and int(port) <= PORT_MAX
    if not (given or address.startswith(UNIX)):
        raise ValueError(f"write host:port, the port from 0 to {PORT_MAX}, or unix:/path")
    return address


def long_key(key: str) -> str:
    """Return a secret that cannot be guessed, or nothing."""
    if key and len(key) < KEY_LENGTH:
        raise ValueError(f"write {KEY_LENGTH} characters or more: short keys can be guessed")
    return key


def is_plain(character: str) -> bool:
    """Tell whether a path or an address may contain it."""
    return character >= " " and character != "\x7f" and not "\ud800" <= character <= "\udfff"
