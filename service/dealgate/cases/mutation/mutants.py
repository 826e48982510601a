"""A mutant: a rule set with one place disturbed, and what was disturbed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dealgate.cases.gaps import shortened
from dealgate.cases.mutation.claims import Path, alterations
from dealgate.cases.mutation.expressions import disturbances
from dealgate.model.codes import Code
from dealgate.model.rules import AnyRule, AnyRuleSet, Expression
from dealgate.rulebook.acceptance import Identity, one_line


@dataclass(frozen=True, slots=True)
class Mutant:
    """One disturbance of a rule set, which then reads as `ruleset`.

    `path` leads to it in the rule file, `offset` (code points) to its place in an expression.
    `before` became `after`, which is empty if something was left out. `node` is the id of the
    disturbed node.
    """

    subject: str
    path: Path
    before: str
    after: str
    ruleset: AnyRuleSet = field(repr=False)
    offset: int | None = None
    node: int | None = None

    @property
    def identity(self) -> Identity:
        """What it is known by, whatever the message says: `rules.too-small.then.code`, A to B."""
        section, *steps = self.path
        if section == "rules":
            steps[0] = self.ruleset.rules[int(steps[0])].id
        at = _dotted((section, *steps))
        detail = (one_line(self.before), one_line(self.after))
        return Identity(Code.MUTANT_SURVIVES, at, detail)

    @property
    def change(self) -> str:
        """What was disturbed, in words: `< 50` changed to `<= 50`."""
        before = f"`{shortened(self.before)}`"
        return (
            f"{before} changed to `{shortened(self.after)}`" if self.after else f"{before} left out"
        )

    @property
    def claims(self) -> bool:
        """Whether what follows from the rules was disturbed, and not when they fire."""
        return self.part == "parameters" or self.path[2:3] == ("then",)

    @property
    def tells(self) -> bool:
        """Whether an outcome may say otherwise though the same rules fire: it says named facts."""
        return self.ruleset.told is not None and self.part in {"facts", "constants"}

    @property
    def part(self) -> str:
        """The section of the rule file that it stands in: "rules", "facts", …."""
        return str(self.path[0])


def mutants(ruleset: AnyRuleSet) -> Iterator[Mutant]:
    """Yield every mutant of a rule set, in the order of its file."""
    for alteration in alterations(ruleset.parameters):
        if ruleset.parameters.not_read.intersection(map(str, alteration.path)):
            continue
        disturbed = replace(ruleset, parameters=alteration.model)
        path = ("parameters", *alteration.path)
        subject = f"parameter {_dotted(alteration.path)}"
        yield Mutant(subject, path, alteration.before, alteration.after, disturbed)
    yield from _named(ruleset, "constants")
    yield from _named(ruleset, "facts")
    for index, rule in enumerate(ruleset.rules):
        yield from _of_rule(ruleset, index, rule)


def _named(ruleset: AnyRuleSet, section: str) -> Iterator[Mutant]:
    declared: Mapping[str, Expression] = getattr(ruleset, section)
    for name, expression in declared.items():
        subject = f"{section.removesuffix('s')} {name}"
        for edit in disturbances(expression.ast, ruleset.message):
            disturbed = {**declared, name: replace(expression, ast=edit.ast)}
            made: AnyRuleSet = replace(ruleset, **{section: disturbed})  # type: ignore[arg-type]
            path = (section, name)
            yield Mutant(subject, path, edit.before, edit.after, made, edit.offset, edit.node)


def _of_rule(ruleset: AnyRuleSet, index: int, rule: AnyRule) -> Iterator[Mutant]:
    subject = f"rule {rule.id}"
    if rule.each is not None:
        for edit in disturbances(rule.each.items.ast, ruleset.message):
            items = replace(rule.each.items, ast=edit.ast)
            made = _with_rule(ruleset, index, replace(rule, each=replace(rule.each, items=items)))
            path: Path = ("rules", index, "each", rule.each.variable)
            yield Mutant(subject, path, edit.before, edit.after, made, edit.offset, edit.node)
    if rule.when is not None:
        for edit in disturbances(rule.when.ast, ruleset.message):
            made = _with_rule(ruleset, index, replace(rule, when=replace(rule.when, ast=edit.ast)))
            path = ("rules", index, "when")
            yield Mutant(subject, path, edit.before, edit.after, made, edit.offset, edit.node)
    for claim in alterations(rule.then):
        made = _with_rule(ruleset, index, replace(rule, then=claim.model))
        path = ("rules", index, "then", *claim.path)
        yield Mutant(f"{subject}: {_dotted(claim.path)}", path, claim.before, claim.after, made)


def _with_rule(ruleset: AnyRuleSet, index: int, rule: AnyRule) -> AnyRuleSet:
    rules = [*ruleset.rules[:index], rule, *ruleset.rules[index + 1 :]]
    return replace(ruleset, rules=tuple(rules))


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
