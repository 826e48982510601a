"""The checker of expressions that commands and servers use: it remembers what was found before."""

import atexit
import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dealgate import language, model, rulebook
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.remembering import RememberingChecker
from dealgate.rulebook.store import Store

FOLDER = "DEALGATE_CACHE"
OFF = "off"
PACKAGES = ("cel-expr-python", "protobuf", "babel", "google-re2")


@cache
def expression_checker() -> ExpressionChecker:
    """Return the checker of this process.

    What it finds is kept in DEALGATE_CACHE, by default ~/.cache/dealgate; `off`: nowhere.
    """
    store = _store()
    if store is None:
        return _checker()
    atexit.register(remember)
    return RememberingChecker(_checker, store, _version())


def remember() -> None:
    """Write what this process found, if it is anything new."""
    store = _store()
    if store is not None:
        store.save()


@cache
def _store() -> Store | None:
    folder = os.environ.get(FOLDER)
    if folder == OFF or not hasattr(os, "geteuid"):
        return None
    try:
        home = Path(folder) if folder else _base("XDG_CACHE_HOME", ".cache")
        key = _base("XDG_STATE_HOME", ".local/state") / "cache.key"
    except RuntimeError:  # this user has no home
        return None
    return Store(home / "expressions", key)


def _checker() -> ExpressionChecker:
    # cel-cpp takes its time to load, and is not needed where everything is known.
    from dealgate.language.cel import CelChecker  # noqa: PLC0415

    return CelChecker()


def _base(variable: str, usual: str) -> Path:
    """Return Dealgate's folder by the XDG base directory specification."""
    given = os.environ.get(variable, "")
    folder = Path(given) if Path(given).is_absolute() else Path.home() / usual
    return folder / "dealgate"


def _version() -> str:
    """Return a digest of everything that findings depend on, besides the expression itself."""
    digest = hashlib.sha256(sys.version.encode())
    for package in PACKAGES:
        digest.update(version(package).encode())
    for file in sorted(_sources()):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for room in (language, model, rulebook):
        for folder in room.__path__:
            yield from Path(folder).glob("**/*.py")
