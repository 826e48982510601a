"""What decisions of this process are made with: code, contract, defaults, lists, time zones."""

import hashlib
import sys
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate import model
from dealgate.model.fields import descriptor_of, with_imports
from dealgate.model.kind import AnyKind
from dealgate.model.provenance import Provenance
from dealgate.model.rules import AnyRuleSet

# Whose data, rather than whose code, an answer may rest on.
LISTS = ("Babel", "disposable-email-domains", "holidays", "phonenumbers", "tldextract")
DIGITS = 16  # of a digest: it is compared, and proves nothing to anybody
UNKNOWN = "not known"


def made_with(kind: AnyKind, ruleset: AnyRuleSet) -> Provenance:
    """Return what decisions by this rule set are made with, here and now."""
    return Provenance(
        fold=_fold(_package(kind)),
        contract=_contract(descriptor_of(kind.request).file, descriptor_of(kind.response).file),
        parameters=_digest([repr(_plain(ruleset.parameters)).encode()]),
        lists=_lists(),
        zones=_zones(),
    )


def _package(kind: AnyKind) -> str:
    """Return the module, or the folder of modules, that holds the kind's code."""
    name: str = kind.conclude.__module__
    parts = name.split(".")
    return ".".join(parts[:3]) if parts[:2] == ["dealgate", "kinds"] else name


@cache
def _fold(package: str) -> str:
    """Return a digest of the kind's code, and of the values that all kinds share."""
    return _digest(code.encode() for code in (_tree(package), _tree(model.__name__)))


@cache
def _tree(package: str) -> str:
    """Return a digest of a package; it is read once, when its first decision is taken."""
    return _digest(path.read_bytes() for path in _code(package))


def _code(package: str) -> Sequence[Path]:
    module = sys.modules[package]
    files = [path for folder in getattr(module, "__path__", ()) for path in _below(Path(folder))]
    return files or [Path(module.__file__ or "")]


def _below(folder: Path) -> Iterator[Path]:
    """Yield code and the data beside it, in one order everywhere."""
    paths = (
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    yield from sorted(paths)


@cache
def _contract(*asked: FileDescriptor) -> str:
    files = {file.name: file.serialized_pb for file in with_imports(asked)}
    return _digest(files[name] for name in sorted(files))


@cache
def _lists() -> str:
    return ", ".join(f"{name} {_version(name)}" for name in LISTS)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return UNKNOWN


@cache
def _zones() -> str:
    """Return the release of the time-zone database that Python reads."""
    for folder in map(Path, zoneinfo.TZPATH):
        for name in ("tzdata.zi", "+VERSION"):
            if (folder / name).is_file():
                with (folder / name).open(encoding="utf-8") as file:
                    return file.readline().removeprefix("# version").strip()
        if (folder / "Etc/UTC").is_file():  # this one is read, and does not say what it is
            names = sorted(zoneinfo.available_timezones())
            files = (folder / name for name in names)
            return _digest(path.read_bytes() for path in files if path.is_file())
    return f"tzdata {_version('tzdata')}"


def _plain(value: object) -> object:
    """Return a value whose `repr` is the same in every process."""
    if isinstance(value, BaseModel):
        return [(name, _plain(getattr(value, name))) for name in type(value).model_fields]
    if isinstance(value, Message):
        return value.SerializeToString(deterministic=True)
    if isinstance(value, Mapping):
        return sorted((repr(_plain(key)), _plain(held)) for key, held in value.items())
    if isinstance(value, AbstractSet):
        return sorted(repr(_plain(element)) for element in value)
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    return repr(value)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:DIGITS]
