"""Two versions side by side: entities, windows, shares, and one plain sentence."""

import dataclasses
from decimal import Decimal
from random import Random

from dealgate.foresight.arms.comparing import Comparison, Says, Terms, compared, terms_of
from dealgate.foresight.arms.units import by_versions, experiments
from dealgate.foresight.assessing import Clock
from dealgate.journal.port import Recorded
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Decision, Entity, Trial
from dealgate.model.instants import DAY
from dealgate.model.results import Result
from tests.journal.decisions import JULY, decision

WINDOW = 90 * DAY
LATER = Clock(JULY + 200 * DAY, WINDOW)
TERMS = Terms(share=0.5, planned=2000, matters=0.05)


def units(
    rates: tuple[float, float], number: int, share: float = 0.5, amount: int | None = None
) -> list[Recorded]:
    """Return one decision of each entity, with what became of it ten days later."""
    drawn, records = Random(f"{rates} {share}"), list[Recorded]()
    for n in range(number):
        arm = drawn.random() < share
        taken = decision(n, version=2 + arm, entity=Entity("lead", f"L{n}"))
        type_ = "CONVERTED" if drawn.random() < rates[arm] else "NOT_CONVERTED"
        at = taken.as_of + 10 * DAY
        told = Result("default", taken.id, 1, type_, at, at, amount, "EUR", "", "ann", "")
        records.append((taken, told))
    return records


def says(records: list[Recorded], terms: Terms = TERMS, clock: Clock = LATER) -> Comparison:
    """Compare versions 2 and 3."""
    return compared(by_versions(records, (2, 3), terms.share), terms, clock)


def test_each_sentence_is_said_where_it_is_true() -> None:
    """A difference, none that matters, too little data, and a broken assignment."""
    better = says(units((0.1, 0.3), 2000))
    assert better.says is Says.DIFFERS
    assert better.effect is not None
    assert better.effect.low < 0.2 < better.effect.high
    same = says(units((0.3, 0.3), 3000), dataclasses.replace(TERMS, planned=3000, matters=0.12))
    assert same.says is Says.NO_DIFFERENCE
    few = says(units((0.1, 0.12), 300))
    assert (few.says, few.still_needed > 0) == (Says.NOT_ENOUGH, True)
    assert says(units((0.1, 0.3), 30)).effect is None
    broken = says(units((0.1, 0.3), 3000, share=0.4))
    assert (broken.says, broken.effect) == (Says.WITHHELD, None)


def test_money_counts_up_to_the_cap() -> None:
    """In the cap's currency; a difference shows in money, too."""
    records = units((0.1, 0.3), 2000, amount=500_000)
    capped = dataclasses.replace(TERMS, cap=100_000, currency="EUR")
    assert says(records, capped).says is Says.DIFFERS
    assert says(records, capped).effect == says(records).effect


def test_money_that_is_not_known_withholds_the_verdict() -> None:
    """Successes in another currency, or without an amount, are not taken for nothing."""
    capped = dataclasses.replace(TERMS, cap=100_000, currency="EUR")
    in_euros, untold = units((0.3, 0.5), 400, amount=500_000), units((0.3, 0.5), 400)
    for terms, records in (
        (dataclasses.replace(capped, currency="USD"), in_euros),
        (capped, untold),
    ):
        compared_ = says(records, terms)
        assert compared_.says is Says.CENSORED
        assert [arm.censored for arm in compared_.arms] == [arm.successes for arm in compared_.arms]
    assert says(untold).says is not Says.CENSORED


def test_only_closed_windows_and_first_decisions_count() -> None:
    """An entity keeps its first version; a young decision waits for its window."""
    records = units((0.5, 0.5), 100)
    assert sum(arm.mature for arm in says(records, clock=Clock(JULY + DAY, WINDOW)).arms) == 0
    again = [
        (dataclasses.replace(taken, version=5 - taken.version, as_of=taken.as_of + DAY), told)
        for taken, told in records
    ]
    both = says([*records, *again])
    assert both.arms == says(records).arms
    assert both.strayed == 100


TRIED = Challenger(3, "0" * 64, "q4", Decimal("0.5"), 2000, Decimal("0.05"), 90)


def tried(records: list[Recorded], challenger: Challenger = TRIED) -> list[Recorded]:
    """Return the decisions as a server records them in an experiment, with the other arm."""
    found = list[Recorded]()
    for taken, told in records:
        other = dataclasses.replace(taken, version=5 - taken.version, outcome="MQL")
        trial = Trial(challenger, 2, taken.version == 3, other)
        found.append((dataclasses.replace(taken, trial=trial), told))
    return found


def test_journalled_arms_say_what_named_versions_say() -> None:
    """Arms from the journal and arms named as versions count the same units equally."""
    records = units((0.1, 0.3), 2000)
    (experiment,) = experiments(tried(records)).values()
    assert compared(experiment, terms_of(TRIED), LATER) == says(records)
    assert sum(experiment.pairs.values()) == len(records)
    assert experiment.pairs["NURTURE", "MQL"] + experiment.pairs["MQL", "NURTURE"] == len(records)


def test_a_share_that_grows_is_no_broken_assignment() -> None:
    """Each period is held to its own share; pooled, the counts would look wrong."""
    grown = dataclasses.replace(TRIED, share=Decimal("0.1"))
    early, late = units((0.2, 0.2), 1500, share=0.1), units((0.2, 0.2), 1500, share=0.5)
    late = [(dataclasses.replace(d, entity=Entity("lead", f"X{d.id}")), told) for d, told in late]
    (experiment,) = experiments([*tried(early, grown), *tried(late)]).values()
    comparison = compared(experiment, terms_of(TRIED), LATER)
    assert comparison.says is not Says.WITHHELD
    assert comparison.effect is not None
    assert comparison.effect.low < 0 < comparison.effect.high


def test_in_shadow_mode_only_answers_are_compared() -> None:
    """Nobody was assigned: no effect is claimed, and what both said is told."""
    shadow = dataclasses.replace(TRIED, share=None)
    (experiment,) = experiments(tried(units((0.1, 0.1), 50, share=0), shadow)).values()
    comparison = compared(experiment, terms_of(shadow), LATER)
    assert (comparison.says, comparison.effect) == (Says.SHADOW, None)
    assert experiment.pairs == {("NURTURE", "MQL"): 50}


def test_what_ended_in_a_way_that_is_not_known_withholds_the_verdict() -> None:
    """A tenth at most; what happened after the window is not among it."""
    records = units((0.1, 0.3), 1000)

    def unknown(share: int) -> list[Recorded]:
        return [
            (d, dataclasses.replace(told, type="VALUE") if told and n % 100 < share else told)
            for n, (d, told) in enumerate(records)
        ]

    assert says(unknown(15)).says is Says.CENSORED
    assert says(unknown(5)).says is not Says.CENSORED


def test_before_windows_close_the_product_limit_describes() -> None:
    """It is near the rate that will be, where counting what was told is far below it."""
    records = units((0.4, 0.4), 400)
    young = Clock(JULY + 80 * DAY, WINDOW)
    (champion, _) = says(records, clock=young).arms
    assert champion.mature == 0
    assert champion.so_far is not None
    assert abs(champion.so_far - 0.4) < 0.08
    (later, _) = says(records).arms
    assert later.so_far is not None
    assert abs(later.so_far - later.successes / later.mature) < 1e-12
    assert later.thirds[0][1] == later.thirds[1][1] == later.mature // 3


def test_versions_of_a_scope_are_none_of_the_kinds_own() -> None:
    """Both count from 1: entities of the one are in no experiment with the other."""
    own = units((0.1, 0.3), 40)
    scoped = [(dataclasses.replace(decision, scope="dach"), result) for decision, result in own[:9]]
    records = [*own[9:], *scoped]
    assert by_versions(records, (2, 3), 0.5).decisions == 31
    assert by_versions(records, (2, 3), 0.5, "dach").decisions == 9


def test_others_decisions_are_in_no_experiment() -> None:
    """Decisions without a trial are passed over; the newest experiment comes last."""
    plain: list[Decision] = [decision(number) for number in range(3)]
    first, second = (dataclasses.replace(TRIED, seed=seed) for seed in ("a", "b"))
    met = units((0.1, 0.1), 4)
    found = experiments([*((d, None) for d in plain), *tried(met, second), *tried(met, first)])
    assert list(found) == ["b", "a"]
    assert experiments((d, None) for d in plain) == {}
