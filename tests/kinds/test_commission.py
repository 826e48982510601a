"""Claims about commission: what is taken back, bonuses of a deal, draws, debts, and tiers."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.quota import QUOTA
from dealgate.model.decision import Evidence
from dealgate.model.money import from_minor, to_minor
from dealgate.v1 import quota_pb2 as pb
from tests.kinds import build
from tests.kinds.tracking import (
    AS_OF,
    credit,
    day,
    decided,
    facts,
    legs,
    number,
    rule,
    seller,
    tracked,
)

FLAT: dict[str, Any] = {"tiers": [{"start": 0, "rate": "0.05"}]}
CLAWBACK = pb.CREDIT_TYPE_CLAWBACK
ADJUSTMENT = pb.CREDIT_TYPE_ADJUSTMENT
LAUNCH = {"product": "ORBIT", "new_business": True, "paid": True, "term_months": 12}


def usd(cents: int) -> Any:
    """Return an amount."""
    return from_minor(cents, "USD")


def tier(start: str, rate: str, applies_from: str | None = None) -> pb.CommissionTier:
    """Return a tier of a plan."""
    answer = pb.CommissionTier(rate=number(rate))
    getattr(answer, "from").CopyFrom(number(start))
    if applies_from is not None:
        answer.applies_from.CopyFrom(number(applies_from))
    return answer


def earned(outcome: pb.QuotaOutcome) -> int:
    """Return the commission in cents."""
    return to_minor(outcome.commission.earned)


def bonuses(outcome: pb.QuotaOutcome) -> list[tuple[str, int]]:
    """Return what each bonus pays, by its credit."""
    return [(one.credit_id, to_minor(one.amount)) for one in outcome.commission.bonuses]


def codes(outcome: pb.QuotaOutcome) -> list[str]:
    """Return what each reversal does."""
    return [one.code for one in outcome.commission.reversals]


def paying(credits_: list[pb.QuotaCredit], **plan: Any) -> pb.QuotaFacts:
    """Return a question about a seller with a quota of 100,000.00 and one rate of 5 %."""
    return facts([seller("R", 10_000_000)], credits_, tiers=[tier("0", "0.05")], **plan)


# Q1: flat bonuses know sign, type and split.


async def test_a_spiff_goes_back_with_its_deal() -> None:
    """Findings Q1: a launch deal of 60,000 that is clawed back in full leaves 0, not 500."""
    question = paying(
        [
            credit("A", "R", 6_000_000, **LAUNCH),
            credit("B", "R", -6_000_000, type=CLAWBACK, **LAUNCH),
        ]
    )
    outcome = await decided(question)

    assert bonuses(outcome) == [("A", 25_000), ("B", -25_000)]
    assert earned(outcome) == 0


async def test_a_third_of_a_deal_takes_a_third_of_its_spiff() -> None:
    """In three parts all of it goes back, to the cent."""
    parts = [
        credit(f"B{n}", "R", -2_000_000, type=CLAWBACK, reverses_credit_id="A") for n in range(3)
    ]
    question = paying([credit("A", "R", 6_000_000, **LAUNCH), *parts])
    outcome = await decided(question)

    assert [cents for _, cents in bonuses(outcome)] == [25_000, -8333, -8334, -8333]
    assert earned(outcome) == 0


async def test_a_correction_earns_no_spiff() -> None:
    """Findings Q1: an adjustment of a cent down does not pay 250."""
    question = paying([credit("A", "R", -1, type=ADJUSTMENT, **LAUNCH)])
    assert bonuses(await decided(question)) == []


@pytest.mark.parametrize(
    ("splits", "expected"), [(["0.5", "0.5"], 25_000), (["0.5"], 12_500), (["0.25"], 6250)]
)
async def test_a_spiff_is_for_a_deal(splits: list[str], expected: int) -> None:
    """Findings Q1: two half credits of one deal earn 250 together, one of them half of it."""
    question = paying(
        [
            credit(f"A{n}", "R", 6_000_000, split=number(split), opportunity_id="O", **LAUNCH)
            for n, split in enumerate(splits)
        ]
    )
    assert sum(cents for _, cents in bonuses(await decided(question))) == expected


async def test_a_deal_in_two_bookings_earns_one_spiff() -> None:
    """Once a deal, however many bookings it has; two deals earn two."""
    one = [credit(f"A{n}", "R", 100_000 + n, opportunity_id="O", **LAUNCH) for n in range(2)]
    two = [credit(f"A{n}", "R", 100_000, opportunity_id=f"O{n}", **LAUNCH) for n in range(2)]

    assert bonuses(await decided(paying(one))) == [("A0", 25_000)]
    assert len(bonuses(await decided(paying(two)))) == 2


def test_a_clawback_alone_takes_the_whole_spiff() -> None:
    """Its booking lies in an earlier period of which nothing is told."""
    evidence = build.fired((rule("s", bonus="S", amount="250"), 0))
    question = paying([credit("A", "R", -1000, type=CLAWBACK, split=number("0.5"))])
    assert bonuses(tracked(question, evidence)) == [("A", -12_500)]


@given(st.lists(st.integers(1, 50), max_size=4), st.sampled_from(["0.03", "-0.01"]))
def test_a_bonus_of_a_deal_taken_back_in_full_is_nothing(parts: list[int], rate: str) -> None:
    """Flat or by a rate, in however many parts: the last one leaves nothing."""
    booked = sum(parts) or 100
    evidence = build.fired(
        (rule("f", bonus="F", amount="7.77"), 0), (rule("r", bonus="R", rate=rate), 0)
    )
    back = [
        credit(f"B{n}", "R", -size, type=CLAWBACK, reverses_credit_id="A")
        for n, size in enumerate(parts or [100])
    ]
    outcome = tracked(paying([credit("A", "R", booked), *back]), evidence)

    assert sum(cents for _, cents in bonuses(outcome)) == 0
    assert earned(outcome) == 0


# Q2: a draw is paid whatever the quota.


@pytest.mark.parametrize(
    "more", [{}, {"quota": 0}, {"hired_on": day("2026-09-10"), "quota": 10**7}]
)
@pytest.mark.parametrize(("recoverable", "owed"), [(True, 500_000), (False, 0)])
def test_a_draw_stands_without_a_quota(more: dict[str, Any], recoverable: bool, owed: int) -> None:  # noqa: FBT001
    """Findings Q2: a new hire in the first month of the ramp is whom draws are for."""
    question = facts(
        [seller("R", **more)],
        [credit("C", "R", 100)],
        draw=usd(500_000),
        draw_recoverable=recoverable,
    )
    outcome = tracked(question, ramp=["0", "1"], **FLAT)

    assert outcome.commission.withheld_code == "NO_QUOTA"
    assert outcome.commission.draw == usd(500_000)
    assert to_minor(outcome.commission.payable) == 0
    assert to_minor(outcome.commission.recoverable) == owed
    assert to_minor(outcome.commission.carried_over) == owed


def test_a_draw_stands_where_there_is_nothing_else() -> None:
    """No quota, no credits: the draw alone says in which currency."""
    question = facts([seller("R")], [], draw=usd(500_000), draw_recoverable=True)
    found = tracked(question, **FLAT).commission
    assert (found.draw, found.carried_over) == (usd(500_000), usd(500_000))


def test_bonuses_do_not_need_a_quota() -> None:
    """A SPIFF is paid beside the tiers."""
    evidence = build.fired((rule("s", bonus="S", amount="250"), 0))
    outcome = tracked(facts([seller("R")], [credit("C", "R", 100)]), evidence, **FLAT)

    assert outcome.commission.withheld_code == "NO_QUOTA"
    assert (earned(outcome), to_minor(outcome.commission.payable)) == (25_000, 25_000)


# Q3: a reversal is tied to its booking.


@pytest.mark.parametrize("paid", [True, None])
@pytest.mark.parametrize("tie", [{}, {"opportunity_id": "O"}, {"reverses_credit_id": "A"}])
async def test_what_was_never_paid_is_not_taken_back(
    paid: bool | None,  # noqa: FBT001
    tie: dict[str, str],
) -> None:
    """guillermoscript/lms-front#511: the booking pays nothing yet, so its clawback earns 0."""
    booked = {key: value for key, value in tie.items() if key == "opportunity_id"}
    back = {} if paid is None else {"paid": paid}
    question = paying(
        [
            credit("A", "R", 1_000_000, paid=False, term_months=12, **booked),
            credit("B", "R", -1_000_000, type=CLAWBACK, term_months=12, **back, **tie),
        ]
    )
    outcome = await decided(question)

    assert earned(outcome) == 0
    assert codes(outcome) == ["NOT_PAID"]
    assert to_minor(outcome.owner.credited) == 0
    assert not outcome.provisional


async def test_that_they_did_not_pay_does_not_defer_what_is_taken_back() -> None:
    """Findings Q3: 60,000 booked and paid, 10,000 clawed back with `paid: false`: 2,500."""
    question = paying(
        [
            credit("A", "R", 6_000_000, paid=True, term_months=12),
            credit("B", "R", -1_000_000, type=CLAWBACK, paid=False, term_months=12),
        ]
    )
    outcome = await decided(question)

    assert earned(outcome) == 250_000
    assert codes(outcome) == ["IN_TIERS"]


@pytest.mark.parametrize("on", ["A", "B"])
async def test_a_reversal_is_excluded_with_its_booking_and_only_then(on: str) -> None:
    """A trial that one of the two says to be one: the booking's word holds."""
    terms = {"A": 12, "B": 12, on: 2}
    question = paying(
        [
            credit("A", "R", 1000, paid=True, opportunity_id="O", term_months=terms["A"]),
            credit("B", "R", -400, type=CLAWBACK, opportunity_id="O", term_months=terms["B"]),
        ]
    )
    outcome = await decided(question)

    assert [one.credit_id for one in outcome.excluded] == (["A", "B"] if on == "A" else [])
    assert to_minor(outcome.owner.credited) == (0 if on == "A" else 600)


def test_a_booking_after_the_close_is_taken_back_for_nothing() -> None:
    """It counts nowhere, and neither does its reversal."""
    late = credit("A", "R", 1000, credited_on=day("2026-08-02"))
    back = credit("B", "R", -1000, type=CLAWBACK, credited_on=day("2026-08-01"))
    outcome = tracked(paying([late, back], closed_on=day("2026-08-01")))
    assert [one.code for one in outcome.excluded] == ["AFTER_CLOSE", "AFTER_CLOSE"]


@pytest.mark.parametrize(
    ("commission", "before", "back", "taken"),
    [
        (1_000_000, 0, 5_000_000, -500_000),  # ten percent of 100,000 paid, half goes back
        (1_000_000, 5_000_000, 5_000_000, -500_000),
        (0, 0, 1_000_000, 0),  # nothing was ever paid for it
        (1000, 0, 10_000_000, -1000),
    ],
)
def test_an_earlier_period_is_taken_back_at_the_rate_that_was_paid(
    commission: int, before: int, back: int, taken: int
) -> None:
    """Whatever this period's tiers pay; the credit still lowers attainment."""
    told = pb.ReversedBooking(
        credited=usd(10_000_000), commission=usd(commission), reversed_before=usd(before)
    )
    reversal = credit("B", "R", -back, type=CLAWBACK, reverses_credit_id="X", reversed_booking=told)
    outcome = tracked(paying([credit("A", "R", 6_000_000), reversal]))

    assert codes(outcome) == ["AT_RATE_PAID"]
    assert to_minor(outcome.commission.reversals[0].amount) == taken
    assert earned(outcome) == 300_000 + taken
    assert to_minor(outcome.owner.credited) == 6_000_000 - back


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.integers(0, 999))
def test_what_was_paid_goes_back_to_the_cent(parts: list[int], commission: int) -> None:
    """In however many parts and periods a booking is reversed."""
    told = pb.ReversedBooking(credited=usd(sum(parts)), commission=usd(commission))
    back = [
        credit(f"B{n}", "R", -size, type=CLAWBACK, reverses_credit_id="X", reversed_booking=told)
        for n, size in enumerate(parts)
    ]
    assert earned(tracked(paying(back))) == -commission

    apart = 0
    for n, size in enumerate(parts):
        before = pb.ReversedBooking(
            credited=told.credited, commission=told.commission, reversed_before=usd(sum(parts[:n]))
        )
        one = credit("B", "R", -size, type=CLAWBACK, reversed_booking=before)
        apart += earned(tracked(paying([one])))
    assert apart == -commission


def test_a_choice_between_paid_and_unpaid_is_provisional() -> None:
    """Two bookings could be meant, and only one of them pays."""
    evidence = build.fired((rule("d", defer="D"), 0))
    bookings = [credit("A", "R", 1000), credit("B", "R", 2000)]
    outcome = tracked(paying([*bookings, credit("C", "R", -500, type=CLAWBACK)]), evidence)
    assert (codes(outcome), outcome.provisional) == (["UNTIED"], True)

    exact = tracked(paying([*bookings, credit("C", "R", -1000, type=CLAWBACK)]), evidence)
    assert (codes(exact), exact.provisional) == (["NOT_PAID"], False)


def test_a_booking_of_somebody_else_or_later_is_not_meant() -> None:
    """A clawback ties to its owner's earlier bookings alone."""
    question = facts(
        [seller("R", 10_000), seller("S", 10_000, "R")],
        [
            credit("A", "S", 1000),
            credit("B", "R", 1000, booked_on=day("2026-07-20")),
            credit("C", "R", -1000, type=CLAWBACK),
        ],
    )
    assert codes(tracked(question, **FLAT)) == ["UNTIED"]


def test_debts_stand_in_a_field_and_carry_over() -> None:
    """Findings Q3: what was taken back beyond what was earned is owed, and set off later."""
    first = tracked(paying([credit("A", "R", -500_000, type=CLAWBACK)])).commission
    assert [to_minor(one) for one in (first.earned, first.payable, first.recoverable)] == [
        -25_000,
        0,
        25_000,
    ]
    second = tracked(
        paying([credit("B", "R", 300_000)], brought_forward=first.carried_over)
    ).commission
    assert (to_minor(second.recovered), to_minor(second.payable)) == (15_000, 0)
    third = tracked(
        paying([credit("C", "R", 400_000)], brought_forward=second.carried_over)
    ).commission
    assert (to_minor(third.recovered), to_minor(third.payable)) == (10_000, 10_000)
    assert to_minor(third.carried_over) == 0


@given(
    st.integers(-(10**6), 10**6),
    st.integers(0, 10**5),
    st.booleans(),
    st.integers(0, 10**5),
)
def test_nothing_is_lost_between_periods(
    credited: int,
    draw: int,
    recoverable: bool,  # noqa: FBT001
    before: int,
) -> None:
    """Paid out and owed after, less owed before, is what was earned; or what a draw gives away."""
    question = paying(
        [credit("C", "R", credited)],
        draw=usd(draw),
        draw_recoverable=recoverable,
        brought_forward=usd(before),
    )
    found = tracked(question).commission
    paid_out = draw + to_minor(found.payable)
    given_away = 0 if recoverable else max(draw - max(to_minor(found.earned), 0), 0)

    owed = to_minor(found.carried_over) - before
    assert paid_out - owed - given_away == to_minor(found.earned)
    assert to_minor(found.payable) >= 0
    assert 0 <= to_minor(found.recovered) <= before


# Q4 and Q5.


@pytest.mark.parametrize("splits", [["0.5", None], [None, None], ["0.5", "1"], ["0", None, "0.1"]])
def test_a_split_that_is_unset_is_all_of_it(splits: list[str | None]) -> None:
    """Findings Q4: 0.5 and unset pay 1.5 times the deal, and are refused as 0.5 and 1 are."""
    question = paying(
        [
            credit(f"C{n}", "R", 100, opportunity_id="O", **({"split": number(one)} if one else {}))
            for n, one in enumerate(splits)
        ]
    )
    found = QUOTA.check(question, build.ruleset(QUOTA, [], {}).parameters, AS_OF)
    assert [one.field for one in found] == [f"credits[{len(splits) - 1}].split"]


@pytest.mark.parametrize(("cents", "shown"), [(9_999_999, "0.999999"), (10_000_000, "1")])
def test_attainment_is_not_rounded_up_to_a_tier(cents: int, shown: str) -> None:
    """Findings Q5: 0.9999999 shown as 1 would promise the tier above."""
    question = facts(
        [seller("R", 10_000_000)],
        [credit("C", "R", cents)],
        tiers=[tier("0", "0.05"), tier("1", "0.06")],
        tier_method=pb.TIER_METHOD_RETROACTIVE,
    )
    outcome = tracked(question)
    assert outcome.owner.attainment.value == shown
    assert outcome.commission.legs[0].rate.value == ("0.06" if shown == "1" else "0.05")


# Tiers.


@pytest.mark.parametrize(
    ("credited", "expected"),
    [
        (9_999_999, [500_000]),
        (10_000_000, [800_000]),  # reached: 8 % from the first cent
        (12_000_000, [960_000]),
        (12_500_000, [1_000_000]),
        (15_000_000, [1_000_000, 300_000]),  # and 12 % on what is above 125 %
    ],
)
def test_retroactive_to_base_then_marginal(credited: int, expected: list[int]) -> None:
    """At quota 8 % pay from the first cent; beyond 125 % the rate is 12 %, marginally."""
    tiers = [tier("0", "0.05"), tier("1", "0.08", "0"), tier("1.25", "0.12")]
    question = facts([seller("R", 10_000_000)], [credit("C", "R", credited)], tiers=tiers)
    outcome = tracked(question)

    assert legs(outcome) == expected
    assert earned(outcome) == sum(expected)


def test_a_tier_may_apply_from_between() -> None:
    """Once the quota is reached, 8 % pay from a half of it on."""
    tiers = [tier("0", "0.05"), tier("1", "0.08", "0.5")]
    outcome = tracked(facts([seller("R", 10_000)], [credit("C", "R", 12_000)], tiers=tiers))

    assert legs(outcome) == [250, 560]
    assert to_minor(outcome.commission.legs[1].applies_from) == 5000


@given(
    st.integers(0, 10**7),
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 40), st.integers(0, 300)), max_size=5),
)
def test_tiers_pay_each_cent_once(credited: int, drawn: list[tuple[int, int, int]]) -> None:
    """The legs hold all that was credited; each cent pays the highest tier that applies to it."""
    starts = sorted({start: (rate, min(base, start)) for start, rate, base in drawn}.items())
    tiers = [(0, 5, 0), *((start, rate, base) for start, (rate, base) in starts)]
    question = facts(
        [seller("R", 10**6)],
        [credit("C", "R", credited)],
        tiers=[
            tier(f"{start / 100:.2f}", f"{rate / 100:.2f}", f"{base / 100:.2f}")
            for start, rate, base in tiers
        ],
    )
    outcome = tracked(question)
    reached = [one for one in tiers if one[0] * 10**4 <= credited]
    cuts = sorted({0, credited, *(one[2] * 10**4 for one in reached)})
    by_hand = Fraction(0)
    for low, high in pairwise(cuts):
        rate = next(one[1] for one in reversed(reached) if one[2] * 10**4 <= low)
        by_hand += Fraction(min(high, credited) - min(low, credited)) * rate / 100

    assert sum(to_minor(leg.credited) for leg in outcome.commission.legs) == credited
    assert earned(outcome) == round(by_hand)


BAD = [
    ('amount { currency_code: "USD" units: 1 } reverses_credit_id: "A"', "reverses_credit_id"),
    ('amount { currency_code: "USD" units: -1 } reverses_credit_id: "Z"', "reverses_credit_id"),
    ('amount { currency_code: "USD" units: -1 } reverses_credit_id: "B"', "reverses_credit_id"),
    ('amount { currency_code: "USD" units: -1 } reverses_credit_id: "S"', "reverses_credit_id"),
    ('amount { currency_code: "USD" units: -99 } reverses_credit_id: "A"', "amount"),
]
TOLD = 'amount { currency_code: "USD" units: -5 } reversed_booking { %s }'
CREDITED, PAID = (
    f'{name} {{ currency_code: "USD" units: %d }}' for name in ("credited", "commission")
)
BAD += [
    (TOLD % "", "reversed_booking.credited"),
    (TOLD % (CREDITED % 0 + PAID % 1), "reversed_booking.credited"),
    (TOLD % (CREDITED % 4 + PAID % 1), "reversed_booking.credited"),
    (TOLD % (CREDITED % 9 + PAID % -1), "reversed_booking.commission"),
]


@pytest.mark.parametrize(("text", "field"), BAD)
def test_impossible_reversals_are_refused(text: str, field: str) -> None:
    """A reversal names a booking of its owner, and takes back no more than that."""
    question = facts([seller("R", 1000), seller("T", 1, "R")], [credit("A", "R", 100)])
    question.credits.add().CopyFrom(credit("S", "T", 100))
    text_format.Merge(text, question.credits.add(id="B", owner_id="R", booked_on=day("2026-07-10")))
    found = QUOTA.check(question, build.ruleset(QUOTA, [], {}).parameters, AS_OF)
    assert f"credits[2].{field}" in [one.field for one in found]


def test_an_earlier_booking_is_told_once_and_taken_back_once() -> None:
    """Q3: two reversals of one earlier booking agree on it, and take back no more than it."""

    def refused(*told: tuple[int, int]) -> list[str]:
        credits_ = [
            credit(
                f"B{index}",
                "R",
                -cents,
                reverses_credit_id="old",
                reversed_booking=pb.ReversedBooking(credited=usd(credited), commission=usd(50)),
            )
            for index, (cents, credited) in enumerate(told)
        ]
        parameters = build.ruleset(QUOTA, [], {}).parameters
        return [one.field for one in QUOTA.check(paying(credits_), parameters, AS_OF)]

    assert refused((600, 1000), (400, 1000)) == []
    assert refused((600, 1000), (401, 1000)) == ["credits[1].amount"]
    assert refused((600, 1000), (100, 2000)) == ["credits[1].reversed_booking"]


async def test_a_correction_is_taken_back_with_its_booking() -> None:
    """Q1, Q3: a deal of 60,000, corrected by 5,000 and lost, leaves no spiff and is tied."""
    deal = {"opportunity_id": "O", "paid": True, "term_months": 12}
    question = paying(
        [
            credit("A", "R", 6_000_000, opportunity_id="O", **LAUNCH),
            credit("C", "R", 500_000, type=ADJUSTMENT, **deal),
            credit("B", "R", -6_500_000, type=CLAWBACK, **deal),
        ]
    )
    outcome = await decided(question)
    assert (earned(outcome), codes(outcome)) == (0, ["IN_TIERS"])
    assert sum(cents for _, cents in bonuses(outcome)) == 0


def test_a_split_of_an_unknown_type_is_one_of_a_booking() -> None:
    """Q4: half of a booking, and all of one of an unknown type, are more than the deal."""
    shared = {"opportunity_id": "O", "split": number("0.5")}
    credits_ = [credit("A", "R", 100, type=pb.CREDIT_TYPE_BOOKING, **shared)]
    credits_.append(credit("B", "R", 100, opportunity_id="O"))
    parameters = build.ruleset(QUOTA, [], {}).parameters
    found = [one.field for one in QUOTA.check(paying(credits_), parameters, AS_OF)]
    assert found == ["credits[1].split"]


def test_evidence_about_nothing_changes_nothing() -> None:
    """A plan without rules still ties what is taken back."""
    question = paying([credit("A", "R", 100), credit("B", "R", -100, type=CLAWBACK)])
    assert codes(tracked(question, Evidence())) == ["IN_TIERS"]
