"""How flips look: for each other outcome, what leads there and by which rule."""

from collections import defaultdict
from dataclasses import replace

from rich.text import Text
from rich.tree import Tree

from dealgate.explain.candidates import Candidate
from dealgate.explain.explaining import Explained
from dealgate.explain.flip_results import Flip
from dealgate.explain.rule_changes import causes
from dealgate.explain.wording import UNKNOWN, spoken_field

CAUSES, ALIKE = 3, 3


def add_flips(tree: Tree, explained: Explained, most: int | None) -> None:
    """Draw the flips, at most that many for each outcome; None: all."""
    branch = tree.add(Text("What would have changed the outcome", "bold"))
    groups: dict[str, list[Flip]] = defaultdict(list)
    for flip in explained.found.flips:
        groups[flip.verdict.word].append(flip)
    for word, flips in groups.items():
        _group(branch.add(Text.assemble("to ", (word, "bold"))), flips, explained, most)
    if explained.found.mended is not None:
        _mended(branch, explained.found.mended)
    if not groups and explained.found.mended is None:
        branch.add(Text("no change of one or two facts that these rules read"))
    if explained.found.fixed:
        paths = ", ".join(explained.found.fixed)
        branch.add(Text(f"not changed, because they cannot change: {paths}", "dim"))
    if explained.found.bound:
        branch.add(Text(f"not everything was tried: {explained.found.bound}", "yellow"))


def _mended(tree: Tree, flip: Flip) -> None:
    """Draw the changes that together mend all that decided, a line each."""
    title = ("to ", (flip.verdict.word, "bold"), f" by {len(flip.changes)} changes together")
    branch = tree.add(Text.assemble(*title))
    for change in flip.changes:
        branch.add(Text(change_in_words(replace(change, alike=()))))


def _group(tree: Tree, flips: list[Flip], explained: Explained, most: int | None) -> None:
    for flip in flips[:most]:
        tree.add(_flip(flip, explained))
    if most is not None and len(flips) > most:
        more = len(flips) - most
        tree.add(Text(f"… and {more} more way{'s' if more > 1 else ''}, with --all", "dim"))


def _flip(flip: Flip, explained: Explained) -> Text:
    line = Text("  and  ".join(change_in_words(change) for change in flip.changes))
    rules = causes(explained.verdict.evidence, flip.verdict.evidence)
    effects = [f"{cause.rule_id} {cause.effect}" for cause in rules[:CAUSES]]
    if len(rules) > CAUSES:
        effects.append(f"and {len(rules) - CAUSES} more")
    line.append(f"   {', '.join(effects) or 'decided by the kind itself'}", "dim")
    return line


def change_in_words(change: Candidate) -> str:
    """Return "lead.company.employees: 49 → 50"."""
    field, spot = change.spot.fact.field, change.spot
    if spot.is_new:
        return f"one more in {spot.path.removesuffix('[+]')}: {spoken_field(field, change.after)}"
    before = spoken_field(field, change.before)
    if change.after is None:
        return f"{spot.path}: {before} → {'taken away' if spot.removable else UNKNOWN}"
    values = [spoken_field(field, value) for value in (change.after, *change.alike[:ALIKE])]
    more = [f"{len(change.alike) - ALIKE} others"] if len(change.alike) > ALIKE else []
    return f"{spot.path}: {before} → {' or '.join(values + more)}"
