"""`dealgate diff`: what changed from one version of a kind to another, and on which facts."""

import subprocess
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from dealgate.cli.annotations import written as annotated
from dealgate.cli.differing import annotations as differing
from dealgate.cli.differing import as_json, print_difference
from dealgate.cli.echo import echo_json
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.selection import kind_of, version_or_leave
from dealgate.cli.shown import EXIT_UNUSABLE, faults_as, faults_shown, give_up
from dealgate.desk.reading import read_rules
from dealgate.diff.versions import Versions
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.witness import Witness
from dealgate.rulebook.cases import read_case_files
from dealgate.rulebook.catalog import Catalog


def diff(
    old: Annotated[str, typer.Argument(help="The earlier version: qualify@1.")],
    new: Annotated[str, typer.Argument(help="The later version, released or a draft: qualify@2.")],
    rules: Rules = RULES,
    rev: Annotated[
        str | None,
        typer.Option(help="Read the earlier version as it was at this git revision: HEAD~1."),
    ] = None,
    format_: TellFaults = "text",
) -> None:
    """Show how two versions differ: in words, and by the exact facts for which they differ.

    Each region comes with example facts, and with the answers of both versions for them.
    Exit status: 0, equivalent; 1, they differ; 2, they cannot be compared.
    """
    with faults_as(format_):
        _diff(old, new, rules, rev, format_)


def _diff(old: str, new: str, rules: Path, rev: str | None, format_: str) -> None:
    kind = kind_of(new, rules)
    if kind_of(old, rules) != kind:
        give_up(f"{old} and {new} are of different kinds; compare two of one kind")
    catalog = _read(rules, kind)
    later = _version(catalog, new)
    earlier = _version(catalog if rev is None else _read_at(rules, rev, kind), old)
    examples = _examples(rules, catalog, earlier, later)
    versions = Versions(earlier, later, catalog.kinds[later.kind], examples)
    difference = versions.difference()
    if format_ == "json":
        echo_json(as_json(difference))
    elif format_ == "text":
        print_difference(difference)
    else:
        typer.echo(annotated(differing(difference), format_), nl=False)
    if not difference.is_none:
        raise typer.Exit(1)


def _examples(rules: Path, catalog: Catalog, *rulesets: AnyRuleSet) -> Sequence[Witness]:
    """Return the facts of both versions' cases, each once.

    So a draft may have none yet, and what is wrong with cases is for `dealgate check` to say.
    """
    files = read_case_files(rules, catalog.kinds, rulesets, [])
    cases = [case for file in files for case in file.cases if case.error is None]
    once = {(case.as_of, case.facts.SerializeToString(deterministic=True)): case for case in cases}
    return [Witness(case.facts, case.as_of) for case in once.values()]


def _read(rules: Path, kind: str | None) -> Catalog:
    with faults_shown(EXIT_UNUSABLE):
        return read_rules(rules, kind)


def _read_at(rules: Path, revision: str, kind: str | None) -> Catalog:
    """Return the catalog that the folder held at a git revision, or leave."""
    command = ["git", "-C", str(rules), "archive", "--format=tar", revision, "."]
    catalog = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # no shell
    if catalog.returncode:
        give_up(f"--rev {revision}: {catalog.stderr.decode(errors='replace').strip()}")
    with TemporaryDirectory() as folder:
        there = Path(folder) / rules.resolve().name
        with tarfile.open(fileobj=BytesIO(catalog.stdout)) as archive:
            archive.extractall(there, filter="data")
        return _read(there, kind)


def _version(catalog: Catalog, selection: str) -> AnyRuleSet:
    kind, _, version = selection.partition("@")
    if not version.isdecimal():
        give_up(f"'{selection}' names no version; write for example qualify@2")
    return version_or_leave(catalog, kind, int(version), EXIT_UNUSABLE)
