"""Everything that differs between two versions of one kind, entry by entry."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dealgate.diff.areas import Region
from dealgate.diff.conditions import Wordings
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
from dealgate.diff.matching import Matched, matched, moved
from dealgate.diff.outcomes import Outcomes
from dealgate.diff.parameters import flat, parameters_of
from dealgate.diff.regions import Partings
from dealgate.diff.table_changes import table_changes
from dealgate.engine.native import constants_of
from dealgate.language import syntax
from dealgate.language.literals import literal
from dealgate.language.syntax import Tree
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRule, AnyRuleSet, Expression
from dealgate.proof.terms import Terms
from dealgate.proof.witness import Witness

# What became of it. A reworded rule fires on the same facts as before: no difference.
SAME_FACTS = "fires on the same facts as before; it may be undecided on others"
ANSWERED_OTHERWISE = Region("answered otherwise", "")
EXAMPLES_SHOWN = 3


class Versions:
    """Compares two versions of one kind."""

    def __init__(
        self, old: AnyRuleSet, new: AnyRuleSet, kind: AnyKind, examples: Sequence[Witness] = ()
    ) -> None:
        """`kind` is that of both; `examples` are facts such as callers send, as those of cases."""
        self._examples = examples
        self._old = old
        self._new = new
        self._wordings = Wordings(Terms(old), Terms(new))
        self._partings = Partings(old, new, kind, [example.facts for example in examples])
        self._before = Outcomes(old, kind)
        self._after = Outcomes(new, kind)

    def difference(self) -> Difference:
        """Return everything that differs, rules first."""
        pairs = matched(self._old, self._new, self._wordings)
        elsewhere = moved(pairs, self._old)
        entries = [self._rule(pair, elsewhere) for pair in pairs]
        present = [entry for entry in entries if entry is not None]
        used = [*self._tables(), *self._constants(), *self._facts(), *self._parameters()]
        answers = self._answers() if used else ()
        return Difference(self._old, self._new, (*present, *used, *answers))

    # ── Rules ───────────────────────────────────────────────────────────────────────────────

    def _rule(self, pair: Matched, elsewhere: set[str]) -> Entry | None:
        old, new = pair.old, pair.new
        if old is None or new is None:
            return self._one_sided(pair)
        lines = self._condition(old, new)
        effect = [] if old.then == new.then else list(_effect(old, new))
        if lines and not effect and self._partings.is_reworded(old, new):
            return Entry("rule", new.id, REWORDED, tuple(lines), _because(old, new))
        names = [f"is called {new.id} now, and was {old.id}"] if old.id != new.id else []
        location = ["moved within the rules"] if new.id in elsewhere else []
        said = (*lines, *effect, *names, *location)
        because = _because(old, new)
        if not said and not because:
            return None
        change = MOVED if location and not (lines or effect or names or because) else CHANGED
        if not (lines or effect):
            return Entry("rule", new.id, change, said, because)
        return self._with_regions(Entry("rule", new.id, change, said, because), pair)

    def _one_sided(self, pair: Matched) -> Entry:
        rule = pair.new or pair.old
        if rule is None:  # matched never pairs nothing with nothing
            raise ValueError("a rule must be in one of the versions")
        change = REMOVED if pair.new is None else ADDED
        condition = rule.when.source if rule.when else "always"
        lines = (f"when `{' '.join(condition.split())}`", f"then {_claim(rule)}")
        entry = Entry("rule", rule.id, change, lines, (rule.because,))
        return self._with_regions(entry, pair)

    def _with_regions(self, entry: Entry, pair: Matched) -> Entry:
        parting = self._partings.between(pair.old, pair.new)
        shown = [self._answered(region) for region in parting.regions]
        lines = entry.lines
        if not shown and not parting.unknown:
            lines = (*lines, SAME_FACTS)
        return replace(
            entry, lines=lines, shown=tuple(shown), more=parting.more, unknown=parting.unknown
        )

    def _answered(self, region: Region) -> RegionExample:
        """Return the region with the first facts on which the answers differ, if there are any."""
        shown: list[RegionExample] = []
        for witness in region.witnesses:
            shown.append(self._on(witness, region))
            if shown[-1].old != shown[-1].new:
                return shown[-1]
        return (
            next((change for change in shown if change.details), shown[0])
            if shown
            else RegionExample(region)
        )

    def _condition(self, old: AnyRule, new: AnyRule) -> list[str]:
        was, is_ = (old.when, old.each), (new.when, new.each)
        if self._wordings.same(was, is_):
            return []
        return self._wordings.changes(was, is_) or ["its condition is written otherwise"]

    # ── What rules use ──────────────────────────────────────────────────────────────────────

    def _tables(self) -> Iterator[Entry]:
        was = {table.id: table for table in self._old.tables}
        is_ = {table.id: table for table in self._new.tables}
        for name in {**is_, **was}:
            old, new = was.get(name), is_.get(name)
            if old and new and (lines := table_changes(old, new)):
                yield Entry("table", name, CHANGED, lines)
            elif old is None or new is None:
                table = new or old
                line = f"{len(table.rows)} rows, hit policy {table.hit.value}" if table else ""
                yield Entry("table", name, ADDED if new else REMOVED, (line,))

    def _constants(self) -> Iterator[Entry]:
        was, is_ = constants_of(self._old), constants_of(self._new)
        for name in {**is_, **was}:
            old = literal(was[name], self._old.constants[name].type) if name in was else None
            new = literal(is_[name], self._new.constants[name].type) if name in is_ else None
            if old != new:
                yield self._named("constant", name, old, new, ())

    def _facts(self) -> Iterator[Entry]:
        was, is_ = self._old.facts, self._new.facts
        for name in {**is_, **was}:
            old, new = was.get(name), is_.get(name)
            if old is None or new is None:
                yield self._named("fact", name, _line(old), _line(new), ())
            elif not self._wordings.same_expression(old, new):
                words = self._wordings.expression(old, new)
                yield self._named("fact", name, _line(old), _line(new), words)

    def _named(
        self, sort: str, name: str, old: str | None, new: str | None, words: Sequence[str]
    ) -> Entry:
        rules = self._reached(name)
        reaches = (f"reaches {', '.join(rules)}",) if rules else ()
        if old is None:
            return Entry(sort, name, ADDED, (f"`{new}`", *reaches))
        if new is None:
            return Entry(sort, name, REMOVED, (f"was `{old}`", *reaches))
        return Entry(sort, name, CHANGED, (*(words or (f"{old} → {new}",)), *reaches))

    def _reached(self, name: str) -> list[str]:
        """Return the rules of either version that a name reaches, directly or not."""
        return list(dict.fromkeys([*_using(self._new, name), *_using(self._old, name)]))

    def _parameters(self) -> Iterator[Entry]:
        was, is_ = dict(flat(parameters_of(self._old))), dict(flat(parameters_of(self._new)))
        for path in {**is_, **was}:
            old, new = was.get(path, "unset"), is_.get(path, "unset")
            if old != new:
                change = ADDED if path not in was else CHANGED if path in is_ else REMOVED
                yield Entry("parameter", path, change, (f"{old} → {new}",))

    # ── What it all amounts to ──────────────────────────────────────────────────────────────

    def _answers(self) -> Iterator[Entry]:
        """Say what becomes of examples: the text of a rule does not show what parameters do."""
        parted = [shown for shown in map(self._on, self._examples) if shown.parts]
        if not parted:
            return
        each_once = {(shown.old, shown.new, shown.details): shown for shown in reversed(parted)}
        first = sorted(each_once.values(), key=lambda shown: shown.old == shown.new)
        line = f"{len(parted)} of {len(self._examples)} are answered otherwise"
        shown = tuple(first[:EXAMPLES_SHOWN])
        yield Entry("answers", "the facts of cases", CHANGED, (line,), shown=shown)

    def _on(self, witness: Witness, region: Region = ANSWERED_OTHERWISE) -> RegionExample:
        old = self._before.of(witness.facts, witness.as_of)
        new = self._after.of(witness.facts, witness.as_of)
        details = tuple(new.details(old)) if old.word == new.word else ()
        return RegionExample(region, witness, old.word, new.word, details)


def _because(old: AnyRule, new: AnyRule) -> tuple[str, ...]:
    return () if old.because == new.because else (f"now: {new.because}", f"was: {old.because}")


def _claim(rule: AnyRule) -> str:
    said = rule.then.model_dump(mode="json", exclude_unset=True)
    return ", ".join(f"{name} {value}" for name, value in flat(said))


def _effect(old: AnyRule, new: AnyRule) -> Iterator[str]:
    was = dict(flat(old.then.model_dump(mode="json")))
    is_ = dict(flat(new.then.model_dump(mode="json")))
    for path in {**is_, **was}:
        before, after = was.get(path, "unset"), is_.get(path, "unset")
        if before != after:
            yield f"claims {path} {after} instead of {before}"


def _using(ruleset: AnyRuleSet, name: str) -> Iterator[str]:
    users = {name}
    for fact, expression in ruleset.facts.items():  # in dependency order
        if users & _names(expression):
            users.add(fact)
    for rule in ruleset.rules:
        parts = [rule.when] if rule.when else []
        parts += [rule.each.items] if rule.each else []
        if any(users & _names(part) for part in parts):
            yield rule.id


def _names(expression: Expression) -> set[str]:
    return set(syntax.names(Tree(expression.ast).root))


def _line(expression: Expression | None) -> str | None:
    return None if expression is None else " ".join(expression.source.split())
