"""How an explanation looks to people: a tree."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.message import Message
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from dealgate.cli.conditions import Conditions
from dealgate.cli.flipped import add_flips
from dealgate.cli.links import rule_url, trace_url
from dealgate.explain.explaining import Explained
from dealgate.explain.judged import JudgedRule
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.explain.wording import outcome_lines, spoken
from dealgate.model.decision import (
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Decision,
    Failed,
    Fired,
    Undecided,
)
from dealgate.model.instants import SECOND
from dealgate.model.rules import AnyRule
from dealgate.model.shown import visible

WIDTH = 110  # where there is no terminal to ask
ELEMENTS, NEARLY = 3, 5


@dataclass(frozen=True, slots=True)
class ShownExplanation:
    """An explanation and what it is of: a recorded `decision`, or facts from a file (None)."""

    judge: WhatIfJudge
    facts: Message
    found: Explained
    decision: Decision | None = None
    difference: str = ""


def console() -> Console:
    """Return where trees are printed: in colour on a terminal, else plain and of a fixed width."""
    terminal = sys.stdout.isatty()
    return Console(
        highlight=False,
        width=None if terminal else WIDTH,
        color_system="auto" if terminal else None,
    )


def print_tree(shown: ShownExplanation, *, flips: int | None, everything: bool) -> None:
    """Print it; `flips` to each other outcome at most, None: all."""
    console().print(seen(Painter(shown, everything=everything).tree(flips)))


def seen(tree: Tree) -> Tree:
    """Write out what a terminal would obey: facts, ids and reasons are strangers' text."""
    if isinstance(tree.label, Text):
        label = Text(visible(tree.label.plain), tree.label.style)
        label.spans = tree.label.spans if label.plain == tree.label.plain else []
        tree.label = label
    elif isinstance(tree.label, str):
        tree.label = visible(tree.label)
    for child in tree.children:
        seen(child)
    return tree


class Painter:
    """Lays an explanation out; `everything` includes rules and conditions that did not matter."""

    def __init__(self, shown: ShownExplanation, *, everything: bool) -> None:
        """What has been opened once is only named from then on, so paint once."""
        self._shown = shown
        self._found = shown.found
        self._everything = everything
        ruleset = shown.judge.program.ruleset
        self._conditions = Conditions(ruleset.message, everything=everything)

    def tree(self, flips: int | None) -> Tree:
        """Return the whole of it."""
        explained = self._found
        tree = Tree(self._headline(), guide_style="dim")
        for line in self._source():
            tree.add(line)
        _nest(tree.add(Text("What the answer says", "bold")), _answer(explained))
        self._entries(tree, "Decided by", explained.decided)
        self._entries(tree, "Fired too, and changed nothing", explained.fired)
        self._entries(tree, "Could not be judged, and would not have mattered", explained.undecided)
        self._entries(tree, "Went wrong", explained.failed)
        most = len(explained.nearly) if self._everything else NEARLY
        self._rules(tree, "Nearly fired: one condition was in the way", explained.nearly[:most])
        if len(explained.nearly) > most:
            left_out = len(explained.nearly) - most
            tree.children[-1].add(Text(f"… and {left_out} more, with --all", "dim"))
        if self._everything:
            self._rules(tree, "Did not apply", _others(explained))
        _add_missing(tree, explained)
        add_flips(tree, explained, flips)
        return tree

    def _headline(self) -> Text:
        entity = self._shown.judge.kind.entity_of(self._shown.facts)
        name = self._shown.judge.program.ruleset.name
        return Text.assemble((self._found.verdict.word, "bold"), f"   {entity}, by {name}")

    def _source(self) -> Iterator[Text]:
        instant = _to_the_second(self._shown.judge.as_of)
        digest = self._shown.judge.program.ruleset.digest
        yield Text(f"judged as of {instant} by the rules with digest {digest[:12]}…", "dim")
        decision = self._shown.decision
        if decision is None:
            return
        yield Text(f"decision {decision.id}, taken {_taken(decision)}", "dim")
        url = trace_url(decision.trace_id)
        if url:
            yield Text(f"trace: {url}", "dim")
        if self._shown.difference:
            yield Text(f"NOT THE SAME: {self._shown.difference}", "bold red")
        else:
            yield Text("decided again just now: the same answer, byte for byte", "dim")

    def _entries(
        self, tree: Tree, title: str, entries: Iterable[AnyFired | AnyUndecided | AnyFailed]
    ) -> None:
        branch = None
        for entry in entries:
            branch = branch or tree.add(Text(title, "bold"))
            rows = entry.rows if isinstance(entry, Fired) else ()
            above = branch.add(_label(entry.rule, "")) if rows else branch
            for rule in rows or (entry.rule,):
                self._rule(above, self._found.judged[rule.id], _state(entry), entry.elements)

    def _rules(self, tree: Tree, title: str, rules: Iterable[JudgedRule]) -> None:
        branch = None
        for judged in rules:
            branch = branch or tree.add(Text(title, "bold"))
            near = [_index(path) for path, part in judged.elements if part.nearly]
            self._rule(branch, judged, "", tuple(near))

    def _rule(self, tree: Tree, judged: JudgedRule, state: str, elements: tuple[int, ...]) -> None:
        branch = tree.add(_label(judged.rule, state))
        if judged.rule.each is None:
            self._conditions.add(branch, judged.whole)
            return
        by_index = {_index(path): (path, part) for path, part in judged.elements}
        known = [by_index[index] for index in elements if index in by_index]
        chosen = known or list(judged.elements)
        for path, part in chosen[:ELEMENTS]:
            self._conditions.add(branch.add(Text(path)), part)
        if len(chosen) > ELEMENTS:
            branch.add(Text(f"… and {len(chosen) - ELEMENTS} more elements", "dim"))


def _index(path: str) -> int:
    """Return which element of its list a path names; of a long list not all are looked at."""
    return int(path.rpartition("[")[2].rstrip("]"))


def _label(rule: AnyRule, state: str) -> Text:
    label = Text.assemble((rule.id, "bold cyan"), f"  {rule.because}")
    if state:
        label.append(f"  ({state})", "yellow")
    url = rule_url(rule.location)
    if url:
        label.append(f"  {url}", "dim")
    return label


def _taken(decision: Decision) -> str:
    trace = f", trace {decision.trace_id}" if decision.trace_id else ""
    return f"{_to_the_second(decision.decided_at)} by {decision.engine}{trace}"


def _to_the_second(nanoseconds: int) -> str:
    return spoken(nanoseconds // SECOND * SECOND, "timestamp")


def _answer(explained: Explained) -> Iterator[tuple[int, str]]:
    if explained.verdict.outcome is None:
        yield 0, f"nothing: {explained.verdict.refusal}"
    else:
        yield from outcome_lines(explained.verdict.outcome)


def _nest(tree: Tree, lines: Iterable[tuple[int, str]]) -> None:
    above = [tree]
    for depth, line in lines:
        del above[depth + 1 :]
        above.append(above[-1].add(Text(line)))


def _state(entry: AnyFired | AnyUndecided | AnyFailed) -> str:
    if isinstance(entry, Undecided):
        return f"open: missing {', '.join(entry.missing)}"
    return f"went wrong: {entry.error}" if isinstance(entry, Failed) else ""


def _others(explained: Explained) -> list[JudgedRule]:
    evidence = explained.verdict.evidence
    told = {*evidence.rule_ids, *(judged.rule.id for judged in explained.nearly)}
    return [judged for id_, judged in explained.judged.items() if id_ not in told]


def _add_missing(tree: Tree, explained: Explained) -> None:
    if not explained.missing:
        return
    branch = tree.add(Text("Not known", "bold"))
    idle = []
    for fact in explained.missing:
        says = [f"could lead to {' or '.join(fact.flips_to)}"] if fact.flips_to else []
        says += [f"waited for by {', '.join(fact.rules)}"] if fact.rules else []
        if says:
            branch.add(Text.assemble(fact.path, (f"  {'; '.join(says)}", "dim")))
        else:
            idle.append(fact.path)
    if idle:
        branch.add(Text(f"would change nothing alone: {', '.join(idle)}", "dim"))
