"""What rules come to: true, false, unknown or failed, once or per element."""

from typing import Any

import pytest

from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.decision import AnyEvidence, Truth
from tests.engine.building import rule_set
from tests.engine.specimen import Facts

AS_OF = 1_772_445_600_000_000_000  # 2026-03-02T10:00:00Z


def facts(**thing: Any) -> Any:
    """Return facts with these fields of the thing known."""
    return Facts(thing=thing)


async def fire(checker: CelChecker, rules: dict[str, str], on: Any, **more: Any) -> AnyEvidence:
    """Fire rules written as text."""
    explain = more.pop("explain", False)
    return await NativeEngine().fire(rule_set(checker, rules, **more), on, AS_OF, explain=explain)


def ids(entries: Any) -> list[str]:
    """Return the rules' ids."""
    return [entry.rule.id for entry in entries]


async def test_a_rule_fires_or_stays_quiet(checker: CelChecker) -> None:
    """With all facts known, a rule fires exactly if its condition holds, in file order."""
    rules = {"big": "thing.count >= 50", "small": "thing.count < 50", "any": "thing.count != 0"}

    evidence = await fire(checker, rules, facts(count=50))

    assert ids(evidence.fired) == ["big", "any"]
    assert (evidence.undecided, evidence.failed, evidence.missing) == ([], [], ())


async def test_a_missing_fact_leaves_a_rule_undecided(checker: CelChecker) -> None:
    """Unknown is neither true nor false, and the evidence says what was lacking."""
    evidence = await fire(checker, {"big": "thing.inner.count >= 50"}, facts(count=1))

    assert ids(evidence.fired) == []
    assert evidence.undecided[0].missing == ("thing.inner.count",)
    assert evidence.missing == ("thing.inner.count",)


@pytest.mark.parametrize(
    ("condition", "lists"),
    [
        ("thing.flag && thing.count > 5", ([], ["rule"], [])),
        ("thing.flag && thing.count > 50", ([], [], [])),
        ("thing.count > 50 && thing.flag", ([], [], [])),
        ("thing.flag || thing.count > 5", (["rule"], [], [])),
        ("thing.count > 5 || thing.flag", (["rule"], [], [])),
        ("thing.flag || thing.count > 50", ([], ["rule"], [])),
        ("!thing.flag", ([], ["rule"], [])),
        ("thing.count / 0 > 1 || thing.count > 5", (["rule"], [], [])),
        ("thing.count / (thing.count - 7) > 1 && thing.count > 5", ([], [], ["rule"])),
        ("thing.count / (thing.count - 7) > 1 && thing.count > 50", ([], [], [])),
        ("thing.count / (thing.count - 7) > 1 || thing.flag", ([], [], ["rule"])),
        ("thing.flag || thing.count / (thing.count - 7) > 1", ([], ["rule"], [])),
        ("has(thing.flag) && thing.flag", ([], [], [])),
        ("has(thing.flag) ? thing.flag : true", (["rule"], [], [])),
    ],
)
async def test_logic_is_three_valued(
    checker: CelChecker, condition: str, lists: tuple[list[str], list[str], list[str]]
) -> None:
    """&& and || absorb what is unknown or failed; where both meet, the left one decides."""
    condition = condition.replace("thing.count / 0", "thing.count / (thing.count - 7)")

    evidence = await fire(checker, {"rule": condition}, facts(count=7))

    assert (ids(evidence.fired), ids(evidence.undecided), ids(evidence.failed)) == lists


async def test_an_undecided_rule_names_every_fact_it_lacks(checker: CelChecker) -> None:
    """A caller can supply all missing facts at once."""
    condition = "thing.count > thing.total && thing.flag"

    evidence = await fire(checker, {"rule": condition}, facts(name="a"))

    assert evidence.undecided[0].missing == ("thing.count", "thing.flag", "thing.total")


async def test_a_failure_names_the_fault_and_no_value(checker: CelChecker) -> None:
    """What went wrong may be shown to anyone."""
    evidence = await fire(checker, {"rule": "int(thing.name) > 5"}, facts(name="secret"))

    assert evidence.failed[0].error == "not an int"


async def test_zero_is_known_and_an_enums_zero_is_not(checker: CelChecker) -> None:
    """0 and "not known" differ; …_UNSPECIFIED says "not known"."""
    rules = {"none": "thing.count == 0", "red": "thing.color == COLOR_RED"}

    evidence = await fire(checker, rules, facts(count=0, color=0))

    assert (ids(evidence.fired), ids(evidence.undecided)) == (["none"], ["red"])


async def test_a_rule_judged_over_a_list_names_its_elements(checker: CelChecker) -> None:
    """`each` lists which elements it applied to, and which it could not judge."""
    on = Facts(items=[{"count": 7}, {"count": 1}, {}, {"count": 9}])

    evidence = await fire(checker, {"rule": "i.count > 5"}, on, each={"rule": ("i", "items")})

    assert evidence.fired[0].elements == (0, 3)
    assert evidence.undecided[0].elements == (2,)
    assert evidence.undecided[0].missing == ("items[2].count",)


@pytest.mark.parametrize(
    ("items", "lists"),
    [
        ("items.filter(i, i.count > 5)", (["rule"], [], [])),
        ("items.filter(i, i.count > thing.total)", ([], ["rule"], [])),
        ("items.filter(i, i.count / (i.count - 7) > 1)", ([], [], ["rule"])),
    ],
)
async def test_a_list_that_cannot_be_computed_leaves_its_rule_open(
    checker: CelChecker, items: str, lists: tuple[list[str], list[str], list[str]]
) -> None:
    """A rule over a list made from facts is undecided or failed as a whole, if the list is."""
    on = Facts(items=[{"count": 7}])

    evidence = await fire(checker, {"rule": "i.count > 5"}, on, each={"rule": ("i", items)})

    assert (ids(evidence.fired), ids(evidence.undecided), ids(evidence.failed)) == lists


async def test_named_facts_and_constants_are_read_by_rules(checker: CelChecker) -> None:
    """A named fact is evaluated once and may be unknown; a constant never is."""
    rules = {"rule": "big && thing.flag", "other": "!big"}
    named = {"big": "thing.count >= limit"}

    evidence = await fire(
        checker, rules, facts(count=50, flag=True), facts=named, constants={"limit": "50"}
    )
    without = await fire(checker, rules, facts(flag=True), facts=named, constants={"limit": "50"})

    assert ids(evidence.fired) == ["rule"]
    assert [entry.missing for entry in without.undecided] == [("thing.count",), ("thing.count",)]


async def test_money_of_two_currencies_is_not_known_without_a_rate(checker: CelChecker) -> None:
    """Two currencies compare to unknown, which names the amount, and neither guesses nor fails.

    A US lead with its revenue in dollars was refused by four kinds (findings, leads L-06).
    """
    rules = {"rich": 'thing.price > money("EUR", "1000")'}

    evidence = await fire(checker, rules, facts(price={"currency_code": "USD", "units": 5000}))

    assert [entry.missing for entry in evidence.undecided] == [("thing.price",)]
    assert not evidence.failed


async def test_a_day_is_that_of_a_place(checker: CelChecker) -> None:
    """At 16:30 on 25 November in San Francisco it is the 26th in UTC: `date` takes the zone.

    Source: IANA time zone database; findings, leads L-14.
    """
    rules = {
        "there": 'date(instant, "America/Los_Angeles") == date("2026-11-25")',
        "utc": 'date(instant) == date("2026-11-26")',
        "offset": 'date(instant, "-08:00") == date("2026-11-25")',
    }
    constants = {"instant": 'timestamp("2026-11-26T00:30:00Z")'}

    evidence = await fire(checker, rules, facts(count=1), constants=constants)

    assert ids(evidence.fired) == ["there", "utc", "offset"]


async def test_completeness_counts_the_facts_that_rules_read(checker: CelChecker) -> None:
    """It is the share of the facts read that were known; has() does not count as reading."""
    rules = {"a": "thing.count > 1 && thing.flag", "b": "thing.name == 'x' || has(thing.total)"}

    evidence = await fire(checker, rules, facts(count=5, flag=True))

    assert (evidence.facts_read, evidence.facts_known) == (3, 2)


async def test_an_explanation_shows_truth_and_operands(checker: CelChecker) -> None:
    """Every condition comes with what it came to, the values it read, and what was skipped."""
    rules = {"rule": "thing.count < 50 && (thing.flag || thing.at < as_of)"}
    on = facts(count=50)

    evidence = await fire(checker, rules, on, explain=True)

    explanation = evidence.explained[0]
    shown = [(each.depth, each.text, each.truth) for each in explanation.conditions]
    assert explanation.truth is Truth.FALSE
    assert shown == [
        (0, "thing.count < 50 && (thing.flag || thing.at < as_of)", Truth.FALSE),
        (1, "thing.count < 50", Truth.FALSE),
        (1, "thing.flag || thing.at < as_of", Truth.NOT_EVALUATED),
        (2, "thing.flag", Truth.NOT_EVALUATED),
        (2, "thing.at < as_of", Truth.NOT_EVALUATED),
    ]
    operand = explanation.conditions[1].operands[0]
    assert (operand.text, operand.value, operand.missing) == ("thing.count", "50", False)


async def test_explaining_changes_nothing_else(checker: CelChecker) -> None:
    """The explain level changes what is shown, never what is decided."""
    rules = {"a": "thing.count / (thing.total - 5) > 1", "b": "thing.flag", "c": "thing.count > 1"}
    on = facts(count=7, total=5)

    plain = await fire(checker, rules, on)
    explained = await fire(checker, rules, on, explain=True)

    assert (plain.fired, plain.undecided, plain.failed) == (
        explained.fired,
        explained.undecided,
        explained.failed,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count", "7"),
        ("quota", "3u"),
        ("price", 'money("EUR", "5.5")'),
        ("day", 'date("2026-02-28")'),
    ],
)
async def test_operands_are_written_as_cel_would(
    checker: CelChecker, name: str, expected: str
) -> None:
    """A reader sees values in the notation that rules use."""
    on = facts(
        count=7,
        quota=3,
        price={"currency_code": "EUR", "units": 5, "nanos": 500_000_000},
        day={"year": 2026, "month": 2, "day": 28},
    )

    evidence = await fire(checker, {"rule": f"thing.{name} == thing.{name}"}, on, explain=True)

    assert evidence.explained[0].conditions[0].operands[0].value == expected


async def test_operands_inside_a_message_are_written_by_their_type(checker: CelChecker) -> None:
    """A length of time is no instant, and the longest one that protobuf allows is written too."""
    on = facts(at={"seconds": 5}, span={"seconds": 315_576_000_000, "nanos": 5})

    evidence = await fire(checker, {"rule": "[thing].exists(t, has(t.at))"}, on, explain=True)

    shown = evidence.explained[0].conditions[0].operands[0].value
    assert shown is not None
    assert 'at: timestamp("1970-01-01T00:00:05Z")' in shown
    assert 'span: duration("315576000000.000000005s")' in shown


async def test_a_malformed_decimal_fails_its_rule_alone(checker: CelChecker) -> None:
    """One bad fact does not take the other rules with it."""
    rules = {"share": 'thing.share > decimal("0.2")', "count": "thing.count > 5"}

    evidence = await fire(checker, rules, facts(share={"value": "a fifth"}, count=7))

    assert (ids(evidence.fired), ids(evidence.failed)) == (["count"], ["share"])


async def test_a_list_that_is_not_known_is_explained(checker: CelChecker) -> None:
    """Nobody can tell which elements a rule is judged over: the rule is unknown as a whole."""
    each = {"rule": ("x", "items.filter(i, i.count > 0)")}
    on = Facts(items=[{}])

    evidence = await fire(checker, {"rule": "x.count > 1"}, on, each=each, explain=True)

    assert [(one.truth, one.element) for one in evidence.explained] == [(Truth.UNKNOWN, None)]
    assert evidence.undecided[0].missing == ("items[].count",)
