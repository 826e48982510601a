"""What is in a rules folder but should not be, and what is missing."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.rulebook.approvals import APPROVALS
from dealgate.rulebook.declaring import FolderKinds
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.kind_folder import RULES, TABLE
from dealgate.rulebook.pipelines import PIPELINES
from dealgate.rulebook.properties import PROPERTIES
from dealgate.rulebook.rates import RATES
from dealgate.rulebook.read_files import named
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.unreleased import is_scope, listed

CASES = re.compile(r"v([1-9]\d{0,5})\.cases\.yaml")


BESIDE = {KIND, "README.md", "releases.yaml", "cases.schema.json"}


SIGNALS = "signals"  # a folder beside those of kinds, which the room of that name reads


AT_TOP = {
    "README.md",
    APPROVALS,
    RATES,
    PROPERTIES,
    "approvals.schema.json",
    "kind.schema.json",
    "schema.json",
    "releases.schema.json",
    "pipelines.schema.json",
    "properties.schema.json",
    "signal.schema.json",
    "signal-cases.schema.json",
}


def strays(folder: Path, kinds: FolderKinds, needed: Sequence[str], *, others: bool) -> list[Fault]:
    """Return a fault for everything that stands where it should not, or is not there.

    `kinds` may have a folder, and `needed` must if `others` are passed over.
    """
    known = {} if others else kinds
    if not folder.is_dir():
        hint = "name the folder that holds the rules, or write one: dealgate init"
        return [Fault(Location(folder.name, 1, 1), "this folder does not exist", hint)]
    faults = []
    for entry in sorted(folder.iterdir()):
        location = Location(named(folder, entry), 1, 1)
        if entry.is_dir() and entry.name in needed:
            faults += [fault for path in _within(entry) for fault in _stray(folder, path)]
            faults += _undeclaring(folder, entry, kinds)
        elif not known or entry.name in kinds.unread or (entry.is_dir() and entry.name == SIGNALS):
            continue
        elif entry.is_dir() and not is_scratch(entry.name):
            message = f"unknown kind '{entry.name}'"
            faults.append(Fault(location, message, did_you_mean(entry.name, known)))
        elif entry.name in AT_TOP or PIPELINES.fullmatch(entry.name):
            continue
        elif not is_scratch(entry.name):
            message = "this file is not one of a rules folder"
            faults.append(Fault(location, message, "rules lie in a folder named after their kind"))
    # Where a kind's declaration has faults, they say why there are no rules.
    return faults if kinds.unread else faults + _missing(folder, known, needed)


def _undeclaring(folder: Path, home: Path, kinds: FolderKinds) -> Iterator[Fault]:
    """Yield a fault for each kind.yaml that declares nothing: its kind has code, or is a scope."""
    for path in (path for path in _within(home) if path.name == KIND):
        location = Location(named(folder, path), 1, 1)
        if path.parent != home:
            message = (
                "a scope declares no kind: it has the facts and outcomes of the one it narrows"
            )
            yield Fault(location, message, f"change {home.name}/{KIND}, or delete this file")
        elif not kinds.is_declared(home.name):
            message = f"this declares nothing: {home.name} is a kind with code"
            hint = f"declare facts of its own in {PROPERTIES}, or name a new kind and its folder"
            yield Fault(location, message, hint)


def _within(home: Path) -> Iterator[Path]:
    """Yield what stands in a kind's folder and in those of its scopes, as far as it is known."""
    for path in listed(home):
        if is_scope(path):
            yield from listed(path)
        else:
            yield path


def _missing(folder: Path, known: Collection[str], needed: Sequence[str]) -> list[Fault]:
    """Return what is not there: a kind that was asked for, or all of them.

    A kind without rules is one that is not served.
    """
    absent = [kind for kind in needed if not (folder / kind).is_dir()]
    if known and len(absent) < len(needed):
        return []
    if known:
        hint = f"write {absent[0]}/v1.yaml, or the first rule file of another kind"
        if (folder / "releases.yaml").is_file():
            hint = f"it holds the rules of one kind; name the folder that it is in, {folder.parent}"
        return [Fault(Location(folder.name, 1, 1), "there are no rules in this folder", hint)]
    hint = "write its first rule file there, v1.yaml"
    locations = {kind: Location(named(folder, folder / kind), 1, 1) for kind in absent}
    return [
        Fault(location, f"the rules of kind {kind} are missing", hint)
        for kind, location in locations.items()
    ]


def _stray(folder: Path, path: Path) -> list[Fault]:
    location = Location(named(folder, path), 1, 1)
    cases, table = CASES.fullmatch(path.name), TABLE.fullmatch(path.name)
    if table and not (path.parent / f"v{table[1]}.yaml").exists():
        message = f"this is a table of v{table[1]}.yaml, which is missing"
        return [Fault(location, message, "write it, or delete the table")]
    if cases and not (path.parent / f"v{cases[1]}.yaml").exists():
        message = f"these cases try v{cases[1]}.yaml, which is missing"
        return [Fault(location, message, "write it, or delete the cases")]
    expected = cases or table or RULES.fullmatch(path.name) or path.name in BESIDE
    if expected or is_scratch(path.name):
        return []
    hint = (
        "rule files are called v1.yaml, v2.yaml, …; cases v1.cases.yaml; tables v1.<id>.csv;\n"
        "releases releases.yaml"
    )
    return [Fault(location, "this file does not belong in a rules folder", hint)]
