"""How an impact looks to people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dealgate.cli.annotations import Annotation
from dealgate.foresight.reporting import AssessedVersions
from dealgate.model.codes import Severity
from dealgate.model.location import Location

CAUSES, CASES = 20, 3


def headline(told: Mapping[str, Any]) -> str:
    """Say the impact in one line."""
    flips = told["flips"]
    money = _money(flips["money"])
    about = f", about {money}" if money else ""
    return (
        f"{told['new']['rule_set']} against {told['old']['rule_set']}: {flips['decisions']:,} of "
        f"{told['decisions']:,} decisions flip ({100 * flips['share']:.2f} %){about}"
    )


def lines_of(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield all of it."""
    yield headline(told)
    yield from _basis(told)
    yield from _titled("Outcomes that flip", _transitions(told))
    yield from _titled("Why: the first cause of each flip", _causes(told))
    yield from _titled("Facts that the new version reads, and that nobody sent", _lacking(told))
    yield from _titled("Segments hit hardest", _segments(told))
    yield from _titled("Numbers of the outcome that move", _measures(told))
    yield from _titled("What became of those that flip", _happened(told))
    yield from _titled("Rules that no recorded question exercises", told["not_exercised"])
    yield from _titled("Cases to paste into the draft's, and to judge", _cases(told))


def _titled(title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    under = list(lines)
    if under:
        yield ""
        yield title
        yield from (f"  {line}" for line in under)


def _basis(told: Mapping[str, Any]) -> Iterator[str]:
    if told["decided_from"]:
        sampled = f", a sample of {told['sample']:,}" if told["sample"] else ""
        yield f"decided from {told['decided_from']} to {told['decided_to']}{sampled}"
    if told["same_word_other_rules"]:
        yield f"{told['same_word_other_rules']:,} have the same outcome for other reasons"
    if told["old_is_not_what_was_recorded"]:
        number, old = told["old_is_not_what_was_recorded"], told["old"]["rule_set"]
        yield f"{number:,} were recorded with another outcome than {old} has for them"
    if told["damaged"]:
        yield f"{told['damaged']:,} records are damaged and left out"
    if told["erased"]:
        yield f"{told['erased']:,} are left out: they are about somebody who was erased"


def _transitions(told: Mapping[str, Any]) -> Iterator[str]:
    flips = [row for row in told["transitions"] if row["old"] != row["new"]]
    for row in sorted(flips, key=lambda row: -row["decisions"]):
        yield f"{row['decisions']:>8,}  {row['old']} → {row['new']}{_about(row)}"


def _causes(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["causes"][:CAUSES]:
        condition = f": {row['condition']}" if row["condition"] else ""
        yield (
            f"{row['decisions']:>8,}  {row['old']} → {row['new']}  {row['cause']}{condition}"
            f"{_about(row)}"
        )
    left = len(told["causes"]) - CAUSES
    if left > 0:
        yield f"… and {left} more; --format json has all"


def _segments(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["segments"]:
        share = 100 * row["flips"] / row["decisions"]
        count = f"{row['flips']:,} of {row['decisions']:,}"
        yield f"{share:>7.1f} %  {row['fact']} = {row['value']} ({count})"


def _lacking(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["lacking"]:
        yield f"{row['decisions']:>8,}  {row['fact']}"


def _measures(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["measures"]:
        old, new = row["old"], row["new"]
        if not old["count"] or not new["count"] or not (row["up"] or row["down"]):
            yield f"{row['measure']}: said {old['count']:,} times, now {new['count']:,}"
            continue
        middle, mean = ((_number(old[name]), _number(new[name])) for name in ("p50", "mean"))
        yield (
            f"{row['measure']}: {row['up']:,} up, {row['down']:,} down; median {middle[0]} → "
            f"{middle[1]}, mean {mean[0]} → {mean[1]}"
        )


def _number(value: float | str) -> str:
    """Return a number as people read it; a date is a text already."""
    return value if isinstance(value, str) else f"{value:,.6g}"


def _happened(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["what_happened"]:
        if row["mature"]:
            yield f"{row['old']} → {row['new']}: {row['says']}{_about({'money': row['won']})}"
    bounds = told["overall"]
    if bounds:
        was = 100 * bounds["successes"] / bounds["mature"]
        low, high = 100 * bounds["at_least"], 100 * bounds["at_most"]
        yield (
            f"overall {was:.1f} % of {bounds['mature']:,} succeeded within {told['window_days']} "
            f"days; under the new version it would be between {low:.1f} and {high:.1f} %"
        )


def _cases(told: Mapping[str, Any]) -> Iterator[str]:
    for row in told["causes"][:CASES]:
        yield from row["case"].splitlines()


def _about(row: Mapping[str, Any]) -> str:
    money = _money(row["money"])
    return f"  ({money})" if money else ""


def _money(money: Mapping[str, str]) -> str:
    return ", ".join(f"{currency} {amount}" for currency, amount in money.items())


def annotations(
    asked: AssessedVersions, told: Mapping[str, Any], over: Sequence[str]
) -> Sequence[Annotation]:
    """Return what code hosts show: bounds that are exceeded, and each cause beside its rule."""
    whole = asked.new.location
    shown = [Annotation(whole, Severity.FAULT, "impact-exceeded", words) for words in over]
    if told["flips"]["decisions"]:
        shown.append(Annotation(whole, Severity.WARNING, "decisions-flip", headline(told)))
    locations = {rule.id: rule.location for of in (asked.old, asked.new) for rule in of.rules}
    for cause in told["causes"]:
        where: Location = locations.get(cause["rule"], whole)
        words = f"{cause['decisions']:,} decisions: {cause['old']} → {cause['new']}"
        text = f"{words}{_about(cause)}\n{cause['cause']}"
        shown.append(Annotation(where, Severity.NOTE, "decisions-flip", text))
    idle = (rule for rule in asked.new.rules if rule.id in told["not_exercised"])
    words = "no recorded question exercises this rule"
    shown += [Annotation(r.location, Severity.NOTE, "not-exercised", words) for r in idle]
    return shown
