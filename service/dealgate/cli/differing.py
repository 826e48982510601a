"""How the difference between two versions looks: a tree for people, JSON for programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.text import Text
from rich.tree import Tree

from dealgate.cli.annotations import Annotation
from dealgate.cli.explained import console, seen
from dealgate.desk.writing import written_facts
from dealgate.diff.entries import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    REWORDED,
    Difference,
    Entry,
    RegionExample,
)
from dealgate.explain.wording import in_words
from dealgate.language.scope import enum_constants
from dealgate.model.codes import Severity
from dealgate.rulebook.instants import written

TITLES = {
    ADDED: "added",
    REMOVED: "removed",
    CHANGED: "changed",
    MOVED: "moved",
    REWORDED: "written otherwise, and proved to fire on the same facts",
}
STYLES = {ADDED: "green", REMOVED: "red", CHANGED: "yellow"}
ANYWHERE = "any facts"
SECTIONS = {
    "rule": "Rules",
    "table": "Tables",
    "constant": "Constants",
    "fact": "Named facts",
    "parameter": "Parameters",
    "answers": "Answers",
}


def print_difference(difference: Difference) -> None:
    """Print it."""
    console().print(seen(Painter(difference).tree()))


class Painter:
    """Lays a difference out, its enums in words."""

    def __init__(self, difference: Difference) -> None:
        """Regions of the facts are described by the names of enums."""
        self._found = difference
        self._enums = enum_constants(difference.new.message)

    def tree(self) -> Tree:
        """Return the whole of it."""
        difference = self._found
        names = Text.assemble((difference.old.name, "bold"), " → ", (difference.new.name, "bold"))
        tree = Tree(names, guide_style="dim")
        for sort, title in SECTIONS.items():
            for change, words in TITLES.items():
                entries = [e for e in difference.entries if (e.sort, e.change) == (sort, change)]
                self._section(tree, f"{title} {words}", entries, STYLES.get(change, ""))
        if not difference.entries:
            tree.add(Text("no difference"))
        elif difference.is_none:
            tree.add(Text("both mean the same"))
        return tree

    def _section(self, tree: Tree, title: str, entries: Iterable[Entry], style: str) -> None:
        branch = None
        for entry in entries:
            branch = branch or tree.add(Text(title, "bold"))
            self._entry(branch.add(Text(entry.name, style)), entry)

    def _entry(self, tree: Tree, entry: Entry) -> None:
        for line in entry.lines:
            tree.add(Text(in_words(line, self._enums)))
        for shown in entry.shown:
            self._region(tree, shown)
        if entry.more:
            more = "region" if entry.more == 1 else "regions"
            tree.add(Text(f"… and {entry.more} more {more}", "dim"))
        if entry.unknown:
            tree.add(Text(f"on which facts is unknown: {entry.unknown}", "yellow"))
        for line in entry.because:
            tree.add(Text(f"because {line}", "dim"))

    def _region(self, tree: Tree, shown: RegionExample) -> None:
        region = shown.region
        described = region.where not in {"", ANYWHERE}
        where = f" where {in_words(region.where, self._enums)}" if described else ""
        branch = tree.add(Text.assemble((region.sense, "bold"), where or ", for example"))
        if shown.witness is None:
            branch.add(Text(f"not shown on facts: {region.why}", "yellow"))
            return
        facts, as_of = written_facts(shown.witness.facts), written(shown.witness.as_of)
        branch.add(Text.assemble("answer: ", _outcomes(shown)))
        branch.add(Text(f"as_of: {as_of}", "dim"))
        branch.add(Text(f"facts: {facts}", "dim"))


def _outcomes(shown: RegionExample) -> tuple[str, str]:
    if shown.old != shown.new:
        return f"{shown.old} → {shown.new}", "bold"
    if shown.details:
        return f"{shown.new} both times, with other {', '.join(shown.details)}", ""
    return f"{shown.new} both times, to the last detail", ""


def as_json(difference: Difference) -> Mapping[str, Any]:
    """Return it for programs."""
    return {
        "old": difference.old.name,
        "new": difference.new.name,
        "same": difference.is_none,
        "entries": [
            {
                "sort": entry.sort,
                "name": entry.name,
                "change": entry.change,
                "lines": list(entry.lines),
                "because": list(entry.because),
                "regions": [_region_json(shown) for shown in entry.shown],
                "more_regions": entry.more,
                "unknown": entry.unknown or None,
            }
            for entry in difference.entries
        ],
    }


def _region_json(shown: RegionExample) -> Mapping[str, Any]:
    region = shown.region
    witness = shown.witness and {
        "as_of": written(shown.witness.as_of),
        "facts": written_facts(shown.witness.facts),
        "old": shown.old,
        "new": shown.new,
        "details": list(shown.details),
    }
    return {
        "sense": region.sense,
        "where": region.where,
        "witness": witness,
        "why": region.why or None,
    }


def annotations(difference: Difference) -> Sequence[Annotation]:
    """Return what code hosts show beside the lines of the later version, as notes."""
    return [_annotation(difference, entry) for entry in difference.entries]


def _annotation(difference: Difference, entry: Entry) -> Annotation:
    """Place an entry at its rule or table; what is removed, at that of the earlier version."""
    of = difference.old if entry.change == REMOVED else difference.new
    named = {table.id: table.location for table in of.tables}
    named |= {rule.id: rule.location for rule in of.rules}
    named |= {
        name: expression.location for name, expression in (*of.constants.items(), *of.facts.items())
    }
    parts = [f"{entry.sort} {entry.name}: {TITLES.get(entry.change, entry.change)}", *entry.lines]
    parts += [_said(shown) for shown in entry.shown]
    if entry.unknown:
        parts.append(f"on which facts is unknown: {entry.unknown}")
    location = named.get(entry.name, of.location)
    return Annotation(location, Severity.NOTE, "rules-differ", "\n".join(parts))


def _said(shown: RegionExample) -> str:
    where = f"{shown.region.sense}: {shown.region.where or ANYWHERE}"
    return where if shown.witness is None else f"{where}; answer: {_outcomes(shown)[0]}"
