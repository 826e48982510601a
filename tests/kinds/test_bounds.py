"""Numbers are bounded: whatever a number of the facts is, there is an answer or a refusal."""

import dataclasses
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from google.protobuf import text_format

from dealgate.kinds import KINDS
from dealgate.kinds.attribute.fitting import fit
from dealgate.model.bound_table import BOUNDS, COMPUTED, KIND_LENGTHS, LENGTHS, length_of
from dealgate.model.bounds import out_of_bounds
from dealgate.model.decision import Question
from dealgate.model.errors import BadQuestion
from dealgate.v1 import attribute_pb2, quota_pb2
from dealgate.wire.outlines import LIST_MOST, MANY
from tests import shipped
from tests.kinds.numbers import Number, amounts, numbers
from tests.serving.conftest import ROOT
from tests.unrecorded import question_of

AS_OF = 1_772_445_600_000_000_000
DATE = "google.type.Date"
FACTORS = (10**6, 10**9)
FIT = attribute_pb2.FitAttributionModelRequest


@cache
def questions(kind: str) -> list[Question]:
    """Return the questions of the shipped cases of a kind's newest rules."""
    file = shipped.newest_cases(kind)
    return [question_of(file.ruleset, case) for case in file.cases if not case.error]


def asked(number: Number, kind: str, value: Any, factor: int = 1) -> Question:
    """Return the question of a case that has what holds the number, with this value in it."""
    held = [one for one in questions(kind) if number.is_in(one.facts)] or questions(kind)
    facts = type(held[0].facts)()
    facts.CopyFrom(held[0].facts)
    for amount in amounts(facts):
        amount.units = max(-(2**63), min(amount.units * factor, 2**63 - 1))
    number.put(facts, value)
    return dataclasses.replace(held[0], facts=facts)


async def refused(question: Question) -> list[str] | None:
    """Return the fields that are refused, or None if there is an answer."""
    try:
        await shipped.decider().decide(question)
    except BadQuestion as error:
        return [violation.field for violation in error.violations]
    return None


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_extremes_of_every_number_are_answered_or_refused(kind: str) -> None:
    """1e20, 1e-20, what is no number, and the ends of 64 bits are no fault of ours."""
    for number in numbers(KINDS[kind].facts.DESCRIPTOR):
        for value in number.extremes():
            await refused(asked(number, kind, value))


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_the_bounds_hold_beside_large_amounts(kind: str) -> None:
    """A number at its bound, times amounts as large as can be, is answered or refused."""
    for number in numbers(KINDS[kind].facts.DESCRIPTOR):
        for factor in FACTORS:
            high = number.bound.high
            await refused(asked(number, kind, str(high) if number.is_decimal else high, factor))


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_what_is_out_of_bounds_is_refused_where_it_stands(kind: str) -> None:
    """Just outside of its bound, every number of every kind is refused, by its own path.

    What a data provider offers and is not sound is not taken over, and spoils no question.
    """
    for number in numbers(KINDS[kind].facts.DESCRIPTOR):
        if number.index.startswith("provider_records[0].lead."):
            continue
        for value in number.outside():
            fields = await refused(asked(number, kind, value))
            assert fields is not None, (number.index, value)
            assert number.index in fields, (number.index, value, fields)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_text_that_is_no_number_is_refused(kind: str) -> None:
    """NaN is not a plain decimal, wherever it stands."""
    for number in numbers(KINDS[kind].facts.DESCRIPTOR):
        if number.is_decimal:
            fields = await refused(asked(number, kind, "NaN"))
            assert fields is not None, number.index
            assert number.index in fields


def journeys() -> Any:
    """Return a request to fit a Markov chain."""
    request = FIT(id="m", model=attribute_pb2.ATTRIBUTION_MODEL_MARKOV)
    request.paths.add(channels=["a", "b"], conversions=3, nulls=1).value.value = "10"
    request.paths.add(channels=["b"], conversions=1)
    return request


def fitted_with(number: Number, value: Any) -> list[str]:
    """Return which fields are refused with this value of the number."""
    request = journeys()
    number.put(request, value)
    try:
        fit(request)
    except BadQuestion as error:
        return [violation.field for violation in error.violations]
    return []


@pytest.mark.parametrize("number", list(numbers(FIT.DESCRIPTOR)), ids=lambda one: one.key)
def test_fitting_refuses_or_answers_every_extreme(number: Number) -> None:
    """What a model is learnt from is bounded too."""
    for value in number.extremes():
        fitted_with(number, value)
    for value in number.outside():
        assert number.index in fitted_with(number, value)


@pytest.mark.parametrize("name", ["conversions", "nulls"])
def test_sums_of_journeys_fit_into_64_bits(name: str) -> None:
    """Each count may be large; one that no sum could hold is refused."""
    request = journeys()
    for path in request.paths:
        setattr(path, name, 10**12)
    assert getattr(fit(request).fitted_model, name) == 2 * 10**12
    for path in request.paths:
        setattr(path, name, 2**63 - 1)
    with pytest.raises(BadQuestion):
        fit(request)


def test_the_table_holds_every_number_and_no_other() -> None:
    """A new decimal or count has to be given a bound, and none outlives its field."""
    facts = [*(kind.facts.DESCRIPTOR for kind in KINDS.values()), FIT.DESCRIPTOR]
    assert {one.key for message in facts for one in numbers(message)} == set(BOUNDS)


def test_what_a_kind_computes_is_not_for_callers_to_send() -> None:
    """The messages without bounds are those that are refused when they are sent."""
    for kind, text in {
        "verify": "findings { candidates {} }",
        "inspect": "deals { measures {} }",
        "health": "ages {}",
    }.items():
        facts = text_format.Parse(text, KINDS[kind].facts())
        wrong = KINDS[kind].check(
            facts, shipped.catalog().at(kind, 2 * 10**18).parameters, 2 * 10**18
        )
        assert "is computed by the service; leave it out" in [one.description for one in wrong]
    assert {
        "ActivityMeasures",
        "CandidateFinding",
        "DealMeasures",
        "HealthAges",
        "PipelineMove",
        "AccountFinding",
        "Enrichment",
    } == COMPUTED


def lists(message: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[Any, str]]:
    """Yield a message of each type that facts hold, with each of its lists."""
    for field in message.DESCRIPTOR.fields:
        inner = field.message_type
        if field.is_repeated:
            yield type(message)(), field.name
        ours = inner is not None and inner.full_name.startswith("dealgate.")
        if ours and inner.full_name not in above:
            held = getattr(message, field.name)
            yield from lists(held.add() if field.is_repeated else held, (*above, inner.full_name))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_list_has_a_bound(kind: str) -> None:
    """However long a list of the facts can be sent, it is not longer than its bound."""
    for message, name in lists(KINDS[kind].facts()):
        key = f"{message.DESCRIPTOR.name}.{name}"
        held, field = getattr(message, name), message.DESCRIPTOR.fields_by_name[name]
        most = length_of(field)
        if key in KIND_LENGTHS:
            continue
        assert key in LENGTHS or name == "conversions" or is_finding(message), key
        if field.message_type is not None:
            held.extend([type(held.add())()] * most)
        else:
            is_text = field.cpp_type == field.CPPTYPE_STRING
            held.extend(["x" if is_text else 1] * (most + 1))
        assert [one.field for one in out_of_bounds(message)] == [name]


# Contract by full name; FitAttributionModel takes more paths than a message may hold elements.
COMMENTS = json.loads((ROOT / "service/dealgate/v1/comments.json").read_text())
LONGER = {"FitAttributionModelRequest.paths": MANY["dealgate.v1.FitAttributionModelRequest.paths"]}


@pytest.mark.parametrize("name", sorted({**LENGTHS, **KIND_LENGTHS}))
def test_contracts_say_how_long_a_list_may_be(name: str) -> None:
    """The comment of each list says "at most N", and N is what the server enforces."""
    most = LONGER.get(name) or {**LENGTHS, **KIND_LENGTHS}[name]
    said = [
        file[f"dealgate.v1.{name}"] for file in COMMENTS.values() if f"dealgate.v1.{name}" in file
    ]
    assert len(said) == 1
    assert re.search(rf"at most {most:,}(?![,\d])", said[0], re.IGNORECASE), said[0]


def test_no_list_is_counted_out_before_its_kind_is_asked() -> None:
    """What is counted in front of the parser lets the longest list through that a kind takes."""
    longest = {
        name: most for name, most in {**LENGTHS, **KIND_LENGTHS}.items() if name not in LONGER
    }
    assert (
        max(most for name, most in longest.items() if name != "JourneyPath.channels") <= LIST_MOST
    )


def is_finding(message: Any) -> bool:
    """Tell whether a message is, or belongs to, what a kind computes and refuses if it is sent."""
    return message.DESCRIPTOR.name in {*COMPUTED, "VerifyFindings", "OptOutFinding"}


# Bounds of 64 bits say nothing to a caller, and some fields have values of their own.
FREE = {
    "Opportunity.people": "computed",
    "SalesContract.owner_expiration_notice_days": "listed",
    "Financing.compounding_months": "listed",
}


def written(number: int) -> str:
    """Return a bound as contracts write it: 10^9 for one followed by nine zeros."""
    power = str(abs(number)).strip("0") == "1" and abs(number) >= 10**7
    if abs(number) == 2**62:
        return f"{'-' * (number < 0)}2^62"
    return f"{'-' * (number < 0)}10^{len(str(abs(number))) - 1}" if power else str(number)


@pytest.mark.parametrize(
    "name", sorted(n for n in BOUNDS if n.partition(".")[0] not in COMPUTED and n not in FREE)
)
def test_contracts_say_how_large_a_number_may_be(name: str) -> None:
    """The comment of each bounded number names its bounds, as the server enforces them."""
    bound = BOUNDS[name]
    (said,) = [
        file[f"dealgate.v1.{name}"] for file in COMMENTS.values() if f"dealgate.v1.{name}" in file
    ]
    said = re.sub(r"(?<=\d),(?=\d{3})", "", said)
    if bound.high < 2**63 - 1:
        assert re.search(rf"(?<![\d,.]){re.escape(written(bound.high))}(?![\d,^]*\d)", said), said
    low = written(bound.low)
    least = rf"(more than|from|at least) {re.escape(low)}\b|(?<![\d,.]){re.escape(low)} to"
    least += "|not negative" if bound.low == 0 else ""
    assert re.search(least, said, re.IGNORECASE), said


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kinds_refuse_longer_lists_by_name(kind: str) -> None:
    """One element more than a contract allows, and the list is named."""
    parameters = next(one for one in shipped.catalog().all() if one.kind == kind).parameters
    for steps in list_paths(KINDS[kind].facts.DESCRIPTOR):
        key = f"{steps[-1].containing_type.name}.{steps[-1].name}"
        if key not in KIND_LENGTHS or steps[0].name == "findings":
            continue
        facts = held = KINDS[kind].facts()
        for step in steps[:-1]:
            held = getattr(held, step.name).add() if step.is_repeated else getattr(held, step.name)
        fill(getattr(held, steps[-1].name), steps[-1], KIND_LENGTHS[key] + 1)
        said = KINDS[kind].check(facts, parameters, AS_OF)
        wrong = [one for one in said if "more than" in one.description]
        assert any(one.field.endswith(steps[-1].name) for one in wrong), key


def list_paths(message: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each list in facts, field by field."""
    types = {field.containing_type.full_name for field in above}
    for field in message.fields:
        if field.is_repeated:
            yield (*above, field)
        inner = field.message_type
        ours = inner is not None and inner.full_name.startswith("dealgate.")
        if ours and inner.full_name not in types:
            yield from list_paths(inner, (*above, field))


def fill(held: Any, field: Any, number: int) -> None:
    """Put so many elements into a list, each another one."""
    for rank in range(number):
        if field.message_type is not None:
            held.add(
                **(
                    {"year": 2026, "month": 1, "day": 1}
                    if DATE in str(field.message_type.full_name)
                    else {}
                )
            )
        else:
            held.append(f"x{rank}" if field.cpp_type == field.CPPTYPE_STRING else 1)


def test_messages_say_what_is_allowed() -> None:
    """A violation names the limits, and the cure where a mistake is likely."""
    facts = quota_pb2.QuotaFacts()
    facts.plan.tiers.add(rate={"value": "11"}, **{"from": {"value": "-1"}})
    facts.credits.add(split={"value": "20"}, term_months=0)
    found = {one.field: one.description for one in out_of_bounds(facts)}
    assert found == {
        "plan.tiers[0].from": "must not be negative",
        "plan.tiers[0].rate": "must be from 0 to 10",
        "credits[0].split": "is a share from 0 to 1; write 20 % as 0.2",
        "credits[0].term_months": "must be from 1 to 1200",
    }
