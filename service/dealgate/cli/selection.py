"""What a command is to work on: a rules folder, and a kind or one version of it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.reading import known_kinds, read_rules
from dealgate.kinds import KINDS
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.kind_shapes import KIND_NAME
from dealgate.rulebook.spoiling import names_of
from dealgate.rulebook.unreleased import stands

# v2.yaml, v2.cases.yaml, v2.territories.csv
VERSION_FILE = re.compile(r"v(\d+)\.")


def read(folder: Path, only: str | None = None) -> Catalog:
    """Return the catalog in `folder`, or of `only` one kind, or leave with its faults.

    The scopes of a kind are read with it.
    """
    only = None if only is None else only.partition("/")[0]
    with faults_shown():
        catalog = read_rules(folder, only)
    for name, faults in catalog.spoiled.items():
        number = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        echo(f"{name} has {number} and is left out: dealgate check {name}", err=True)
    return catalog


def kind_of(selection: str | None, rules: Path = RULES) -> str | None:
    """Return the kind that a selection names, or leave; None: all kinds.

    It has code, or the folder of rules declares it. Of a scope ("qualify/dach") it is the kind.
    """
    if selection is None:
        return None
    kind = selection.partition("@")[0].partition("/")[0]
    if not is_kind(kind, rules):
        _no_path(selection)
        no_rules_of(kind)
    return kind


def _no_path(selection: str) -> None:
    """Leave if a file or folder of rules is named, and say what to write."""
    path = Path(selection)
    if "/" not in selection and not path.suffix:
        return
    kind = next((part for part in reversed(path.parts) if part in KINDS), "qualify")
    number = VERSION_FILE.match(path.name)
    name = f"{kind}@{number[1]}" if number else kind
    give_up(f"'{selection}' is a path; name a kind or a version, {name}, and its folder by --rules")


def is_kind(name: str, rules: Path = RULES) -> bool:
    """Tell whether there is such a kind: with code, or declared in this folder of rules."""
    return name in KINDS or (KIND_NAME.fullmatch(name) is not None and stands(rules / name / KIND))


def recorded_kinds(names: Sequence[str], rules: Path) -> Mapping[str, AnyKind]:
    """Return kinds that a journal may hold, by name: these or, if none is named, all; or leave."""
    with faults_shown():
        known = known_kinds(rules)
    for name in names:
        if name not in known:
            give_up(f"--kind {name}: is not a kind; the kinds are: {', '.join(sorted(known))}")
    return {name: known[name] for name in names or known}


def no_rules_of(kind: str) -> NoReturn:
    """Say which kinds there are, and leave."""
    near = did_you_mean(kind, KINDS)
    give_up(
        f"there are no rules for kind '{kind}', only of: {', '.join(sorted(KINDS))}"
        f"{f'; {near}' if near.startswith('did') else ''}"
    )


def selected(catalog: Catalog, selection: str | None) -> Sequence[AnyRuleSet]:
    """Return the rule sets that `selection` names, or leave."""
    if selection is None:
        return catalog.all()
    kind, _, version = selection.partition("@")
    if version and not version.isdecimal():
        give_up(f"'{version}' is not a version; write for example qualify@2")
    if version:
        return [version_or_leave(catalog, kind, int(version))]
    chosen = [ruleset for ruleset in catalog.all() if kind in {ruleset.kind, ruleset.shelf}]
    if not chosen:
        with faults_shown():
            if spoiled := catalog.spoiled.get(kind):
                raise RulebookFaults(spoiled)
        no_rules_of(kind)
    return chosen


def named_version(text: str, number: str | None, rules: Path = RULES) -> tuple[str, int]:
    """Return the kind, or its scope, and the version that `qualify@3`, or `qualify 3`, names."""
    kind, _, version = text.partition("@")
    if version and number is not None:
        give_up(f"name the version once: {kind}@{version}, or {kind} {number}")
    digits = version or number or ""
    kind_of(kind, rules)
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits[:7]) < 1_000_000):
        given = f"'{digits}' is not a version" if digits else "the version is missing"
        give_up(f"{given}; write for example {kind}@2")
    return kind, int(digits)


def version_or_leave(catalog: Catalog, kind: str, version: int, code: int = 1) -> AnyRuleSet:
    """Return that version, or leave: with `code` if it is a draft that has faults."""
    with faults_shown(code):
        names = names_of(f"{kind}@{version}")
        if spoiled := [fault for name in names for fault in catalog.spoiled.get(name, ())]:
            raise RulebookFaults(spoiled)
    try:
        return catalog.version(kind, version)
    except UnknownRuleSet as error:
        give_up(str(error))
