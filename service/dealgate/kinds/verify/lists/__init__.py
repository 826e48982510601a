"""Lists from maintained packages, written by `make reference` and read once a process (ADR 44)."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def country_names() -> Mapping[str, Sequence[str]]:
    """Return the names of each country, in many languages, by its code."""
    return _read("country_names")["names"]  # type: ignore[no-any-return]


@cache
def regions() -> Mapping[str, Mapping[str, Any]]:
    """Return how each country's postal codes look, and its states; see `reference/write.py`."""
    return _read("regions")["countries"]  # type: ignore[no-any-return]


@cache
def state_names() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return what else states are called, by country and the second part of their ISO code."""
    return _read("state_names")["names"]  # type: ignore[no-any-return]


@cache
def nicknames() -> Mapping[str, Sequence[str]]:
    """Return the short forms of given names, by name, in lower case."""
    return _read("nicknames")["nicknames"]  # type: ignore[no-any-return]


@cache
def free_domains() -> frozenset[str]:
    """Return the domains at which anybody gets an address."""
    return frozenset(_text("free_domains.txt").splitlines()[1:])


@cache
def school_domains() -> frozenset[str]:
    """Return the domains of schools and universities that no public suffix tells."""
    return frozenset(_text("school_domains.txt").splitlines()[1:])


@cache
def sources() -> Sequence[str]:
    """Return the packages that the lists are from, with their versions."""
    named: dict[str, str] = {}
    for name in ("country_names", "regions", "state_names", "nicknames"):
        named |= _read(name)["sources"]
    hosts = ", ".join(
        _text(name).partition("\n")[0].removeprefix("# ")
        for name in ("free_domains.txt", "school_domains.txt")
    ).split(", ")
    return [
        *(f"{name} {version}" for name, version in named.items()),
        *(name.replace("@", " ") for name in hosts),
    ]


@cache
def _read(name: str) -> Mapping[str, Any]:
    return json.loads(_text(f"{name}.json"))  # type: ignore[no-any-return]


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
