"""Claims about what becomes of evidence: verdicts, permissions, duplicates, enrichment."""

from itertools import permutations
from typing import Any

import pytest
from google.type.decimal_pb2 import Decimal
from pydantic import ValidationError

from dealgate.kinds.verify import VERIFY, reference_data
from dealgate.kinds.verify.terms import VerifyEffect
from dealgate.model.decision import AnyEvidence, Evidence, Fired
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Company, Lead
from tests.kinds import build
from tests.kinds.verifying import PARAMETERS, concluded, facts, parameters, verified

BROKEN = {"code": "BROKEN", "field": "lead.email", "verdict": "invalid", "status": "invalid"}
EMPLOYEES = "lead.company.employees"


def judged(
    given: pb.VerifyFacts, evidence: AnyEvidence, rules: list[Any], **changes: Any
) -> pb.VerifyOutcome:
    """Return the outcome of evidence found by hand."""
    ruleset = build.ruleset(VERIFY, rules, {**PARAMETERS, **changes})
    known = VERIFY.known(given, parameters(**changes), build.AS_OF)
    return concluded(known, ruleset, evidence)


def status(outcome: pb.VerifyOutcome) -> str:
    """Return the lead's status in a word."""
    name = lead_pb2.VerificationStatus.Name(outcome.verification.status)
    return name.removeprefix("VERIFICATION_STATUS_")


def verdict(outcome: pb.VerifyOutcome, field: str) -> str:
    """Return what a field is worth in a word."""
    (found,) = [one.verdict for one in outcome.fields if one.field == field]
    return pb.Verdict.Name(found).removeprefix("VERDICT_")


def test_an_undecided_rule_leaves_it_open() -> None:
    """Unknown is never good, nor bad: what a rule might have said makes it unverifiable."""
    rule = build.rule(VERIFY, "broken", BROKEN)
    open_ = Evidence(undecided=[build.undecided(rule, "mail_exchange.result")])
    outcome = judged(facts(email="a@acme.de"), open_, [rule])
    assert (status(outcome), verdict(outcome, "lead.email")) == ("UNVERIFIABLE", "UNVERIFIABLE")
    assert outcome.reasons[0].undecided


def test_a_failed_rule_leaves_it_open() -> None:
    """A rule that went wrong is no rule that stayed quiet."""
    rule = build.rule(VERIFY, "broken", BROKEN)
    outcome = judged(facts(email="a@acme.de"), Evidence(failed=[build.failed(rule)]), [rule])
    assert (status(outcome), verdict(outcome, "lead.email")) == ("UNVERIFIABLE", "UNVERIFIABLE")


def test_a_rule_about_a_field_that_is_not_there_counts_nothing() -> None:
    """Missing is a verdict of its own: neither invalid nor unverifiable."""
    rule = build.rule(VERIFY, "broken", BROKEN)
    open_ = Evidence(undecided=[build.undecided(rule, "findings.email.is_valid")])
    outcome = judged(facts(phone="+493012345678"), open_, [rule])
    assert (status(outcome), verdict(outcome, "lead.email")) == ("VERIFIED", "MISSING")


def test_the_gravest_claim_counts() -> None:
    """Invalid before unverifiable before risky, whatever their order in the file."""
    names = ("risky", "invalid", "unverifiable")
    rules = [
        build.rule(VERIFY, name, {"code": name.upper(), "field": "lead.email", "verdict": name})
        for name in names
    ]
    outcome = judged(facts(email="a@acme.de"), build.fired(*rules), rules)
    assert verdict(outcome, "lead.email") == "INVALID"
    assert outcome.fields[1].codes == ["RISKY", "INVALID", "UNVERIFIABLE"]


def test_a_channel_is_open_only_if_nothing_is_left_open() -> None:
    """Permitted by one rule, and forbidden by none: also not by one that could not be judged."""
    yes = build.rule(VERIFY, "yes", {"code": "YES", "permit": "email"})
    no = build.rule(VERIFY, "no", {"code": "NO", "forbid": "email"})
    given = facts(email="a@acme.de")
    allowed = judged(given, build.fired(yes), [yes, no]).permissions[0]
    assert (allowed.allowed, allowed.reachable) == (True, True)
    maybe = Evidence(fired=[Fired(yes)], undecided=[build.undecided(no, "x")])
    assert not judged(given, maybe, [yes, no]).permissions[0].allowed
    wrong = Evidence(fired=[Fired(yes)], failed=[build.failed(no)])
    assert not judged(given, wrong, [yes, no]).permissions[0].allowed
    unjudged = Evidence(undecided=[build.undecided(yes, "x")])
    assert not judged(given, unjudged, [yes, no]).permissions[0].allowed
    assert not judged(given, Evidence(), [yes, no]).permissions[0].allowed


def test_consents_that_permit_are_returned() -> None:
    """What we would show an authority: basis, instant and source, and no other consent."""
    yes = build.rule(VERIFY, "yes", {"code": "YES", "permit": "email"}, over="consents")
    given = facts(email="a@acme.de")
    given.consents.add(channel=pb.CHANNEL_PHONE, basis=pb.CONSENT_BASIS_EXPRESS)
    given.consents.add(channel=pb.CHANNEL_EMAIL, basis=pb.CONSENT_BASIS_EXPRESS, source="fair")
    outcome = judged(given, build.fired((yes, 1)), [yes])
    assert [one.source for one in outcome.permissions[0].evidence] == ["fair"]


def test_quality_is_the_weighted_share_of_what_is_good() -> None:
    """20 of 33 and half of 10: 75.76 is 76, and a B."""
    rule = build.rule(
        VERIFY, "odd", {"code": "ODD", "field": "lead.phone", "verdict": "unverifiable"}
    )
    outcome = judged(facts(email="a@acme.de", phone="+493012345678"), build.fired(rule), [rule])
    assert (outcome.verification.data_quality, outcome.data_quality_grade) == (76, "B")


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_the_survivor_does_not_depend_on_the_order(order: tuple[int, ...]) -> None:
    """The oldest, then the smallest id; a lead whose age nobody knows is not taken for old."""
    given = facts(email="a@acme.de", created_at=build.instant(build.AS_OF))
    same = [
        Lead(id="L9", email="a@acme.de", created_at=build.instant(build.AS_OF - 2)),
        Lead(id="L3", email="a@acme.de", created_at=build.instant(build.AS_OF - 2)),
        Lead(id="A0", email="a@acme.de"),
    ]
    given.candidates.extend(same[index] for index in order)
    assert (await verified(given)).survivor_id == "L3"


async def test_an_opt_out_is_carried_to_the_survivor() -> None:
    """Whoever of the merged asked us to stop, the survivor is told.

    So it is with an address or number that both have, whoever they are: the opt-out is its own.
    """
    given = facts(email="a@acme.de", phone="+493012345678")
    given.candidates.add(id="L2", email="a@acme.de", has_opted_out_of_email=True)
    given.candidates.add(id="L3", phone="+493012345678", do_not_call=True)
    outcome = await verified(given)
    tiers = {one.id: one.tier for one in outcome.duplicates}
    assert tiers == {"L2": pb.DUPLICATE_TIER_AUTO, "L3": pb.DUPLICATE_TIER_REVIEW}
    assert outcome.carried_opt_outs == [pb.CHANNEL_EMAIL, pb.CHANNEL_PHONE]


async def test_the_answer_feeds_score_and_qualify() -> None:
    """Its lead passes their checks: countries are codes, placeholders and unknowns are gone.

    What was typed for an unknown country is kept beside it (finding L-05).
    """
    given = facts(email="a@acme.de", country="Mordor", title="n/a", company="test")
    given.lead.company.country = "Deutschland"
    lead = (await verified(given)).lead
    assert lead == Lead(
        id="L1",
        email="a@acme.de",
        email_domain_type=lead_pb2.EMAIL_DOMAIN_TYPE_BUSINESS,
        is_role_account=False,
        country_text="Mordor",
        company=Company(country="DE", domain="acme.de"),
    )


async def test_a_lead_without_a_company_gets_none() -> None:
    """Normalising makes nothing known that was not."""
    assert (await verified(facts(phone="+493012345678"))).lead == Lead(
        id="L1", phone="+493012345678", country="DE"
    )


def offered(*records: tuple[str, int, int], **more: Any) -> pb.VerifyFacts:
    """Return a lead with the headcounts that (provider, source, age in days) offer: 10, 20, …."""
    given = facts(company="Acme")
    for number, (provider, source, age) in enumerate(records, 1):
        given.provider_records.add(
            provider=provider,
            source=source,
            observed_at=build.instant(build.AS_OF - age * build.DAY),
            confidence=Decimal(value="0.8"),
            lead=Lead(company=Company(employees=10 * number)),
        )
    for name, value in more.items():
        setattr(given.lead.company, name, value)
    return given


PROVIDER, CUSTOMER, CRM = (
    pb.VALUE_SOURCE_PROVIDER,
    pb.VALUE_SOURCE_CUSTOMER,
    pb.VALUE_SOURCE_CRM_USER,
)


@pytest.mark.parametrize(
    ("records", "filled"),
    [
        ([("b", PROVIDER, 1), ("a", CUSTOMER, 99)], 20),
        ([("b", PROVIDER, 9), ("a", PROVIDER, 1)], 20),
        ([("b", PROVIDER, 1), ("a", PROVIDER, 1)], 20),
        ([("b", CRM, 99), ("a", CUSTOMER, 1)], 10),
    ],
)
async def test_the_most_trusted_then_the_newest_fills_a_gap(
    records: list[tuple[str, int, int]], filled: int
) -> None:
    """Then by the provider's name; the others are told that they were outranked."""
    outcome = await verified(offered(*records))
    assert outcome.lead.company.employees == filled
    actions = [one.action for one in outcome.enrichments if one.field == EMPLOYEES]
    assert actions == [pb.ENRICHMENT_ACTION_FILLED, pb.ENRICHMENT_ACTION_OUTRANKED]


async def test_what_is_known_already_is_confirmed() -> None:
    """A provider that says the same changes nothing, and says so."""
    outcome = await verified(offered(("a", PROVIDER, 1), employees=10))
    (found,) = outcome.enrichments
    assert found.action == pb.ENRICHMENT_ACTION_CONFIRMED
    assert (found.provider, found.confidence.value) == ("a", "0.8")


async def test_a_stale_value_does_not_outrank() -> None:
    """The most trusted source of last year gives way to a provider of yesterday."""
    outcome = await verified(offered(("a", CUSTOMER, 200), ("b", PROVIDER, 1)))
    actions = [one.action for one in outcome.enrichments]
    assert actions == [pb.ENRICHMENT_ACTION_STALE, pb.ENRICHMENT_ACTION_FILLED]
    assert outcome.lead.company.employees == 20


def test_findings_name_the_lists_they_rest_on() -> None:
    """A replay under other lists may differ: the answer says which it was."""
    names = [line.partition(" ")[0] for line in reference_data()]
    assert "phonenumbers" in names
    assert all(line.partition(" ")[2] for line in reference_data())


@pytest.mark.parametrize(
    ("then", "wrong"),
    [
        ({"code": "X", "verdict": "risky"}, "belongs to a field"),
        ({"code": "X", "permit": "email", "forbid": "phone"}, "two rules"),
        ({"code": "X", "match": "0.9", "status": "risky"}, "cannot be combined"),
        ({"code": "X", "match": "1.1"}, "less than or equal to 1"),
        ({"code": "x"}, "pattern"),
        ({"code": "X", "field": "lead.shoe_size"}, "lead.last_name"),
        ({"code": "X", "verdict": "good", "field": "lead.email"}, "invalid"),
    ],
)
def test_effects_that_make_no_sense_are_refused(then: dict[str, Any], wrong: str) -> None:
    """Each says what to write instead."""
    with pytest.raises(ValidationError, match=wrong):
        VerifyEffect.model_validate(then)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"quality_grades": {"A": 70, "B": 75, "C": 60}}, "each must be more"),
        ({"duplicate_tiers": {"auto": "0.8", "review": "0.8"}}, "must be more"),
        ({"quality_weights": {}}, "at least 1"),
        ({"country_names": {"holland": "nl"}}, "pattern"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes: dict[str, Any], wrong: str) -> None:
    """Each says what to write instead."""
    with pytest.raises(ValidationError, match=wrong):
        parameters(**changes)
