"""Claims about an answer as a whole: its parts do not contradict each other."""

from typing import Any

import pytest

from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb
from tests.kinds import build
from tests.kinds.verifying import facts, verified

LONG_AGO, LATELY = build.instant(build.AS_OF - 2000 * build.DAY), build.instant(build.AS_OF - 9)
VERIFIED = lead_pb2.VERIFICATION_STATUS_VERIFIED


def allowed(outcome: pb.VerifyOutcome) -> dict[tuple[str, str], bool]:
    """Return what is allowed by (channel, topic)."""
    names = ((one, pb.Channel.Name(one.channel).lower()) for one in outcome.permissions)
    return {(name.removeprefix("channel_"), one.topic): one.allowed for one, name in names}


@pytest.mark.parametrize("tier", ["same address", "same mobile"])
async def test_an_opt_out_closes_the_channel_in_every_field(tier: str) -> None:
    """L-02: on a duplicate with the same address, or that is certain by its mobile."""
    asked = facts(first_name="Ann", last_name="Lee", country="US", phone="+49 171 1234567")
    other = asked.candidates.add(id="L2", first_name="Ann", last_name="Lee")
    other.has_opted_out_of_email = True
    if tier == "same address":
        asked.lead.email = other.email = "ann@gmail.com"
    else:
        other.phone = "+49 (0)171 1234567 (mobile)"
    outcome = await verified(asked, 3)
    assert not allowed(outcome)["email", ""]
    assert outcome.permissions[0].forbidding_rule_ids
    assert outcome.lead.has_opted_out_of_email
    assert not outcome.verification.contactable_by_email
    assert outcome.carried_opt_outs == [pb.CHANNEL_EMAIL]


async def test_an_express_consent_of_later_reopens() -> None:
    """L-25 (SuiteCRM#7132): opted out in 2020, said yes by a form in 2026."""
    asked = facts(email="ann@gmail.com", country="DE")
    asked.opt_outs.add(channel=pb.CHANNEL_EMAIL, at=LONG_AGO)
    yes = asked.consents.add(channel=pb.CHANNEL_EMAIL, basis=pb.CONSENT_BASIS_EXPRESS)
    assert not allowed(await verified(asked, 3))["email", ""]
    yes.source = "form"
    yes.captured_at.CopyFrom(LATELY)
    outcome = await verified(asked, 3)
    assert allowed(outcome)["email", ""]
    assert not outcome.lead.has_opted_out_of_email
    yes.captured_at.CopyFrom(build.instant(build.AS_OF - 3000 * build.DAY))
    assert not allowed(await verified(asked, 3))["email", ""]


async def test_consent_is_by_topic_and_channel() -> None:
    """A yes to the newsletter by mail is none to everything, nor to texts."""
    asked = facts(email="ann@gmail.com", phone="+49 171 1234567", country="DE")
    asked.opt_outs.add(channel=pb.CHANNEL_EMAIL, at=LONG_AGO)
    asked.consents.add(
        channel=pb.CHANNEL_EMAIL,
        basis=pb.CONSENT_BASIS_EXPRESS,
        captured_at=LATELY,
        source="form",
        topic="Newsletter",
    )
    told = allowed(await verified(asked, 3))
    assert told["email", "newsletter"]
    assert not any(yes for key, yes in told.items() if key != ("email", "newsletter"))


async def test_what_nobody_asked_weighs_nothing() -> None:
    """L-04: a company's address is no worse than gmail on a server that asks no name server."""
    company = await verified(facts(email="ann.lee@siemens.com", country="US"), 3)
    free = await verified(facts(email="ann.lee@gmail.com", country="US"), 3)
    assert company.verification.status == free.verification.status == VERIFIED
    assert company.verification.contactable_by_email
    assert "EMAIL_NOT_LOOKED_UP" in [one.code for one in company.reasons]


async def test_rubbish_is_not_valid() -> None:
    """L-12: quality 100, grade A, every field VALID was said of this lead."""
    asked = facts(
        first_name="http://spam.example/win",
        last_name="12345",
        title="<script>alert(1)</script>",
        email="ann.lee@gmail.com",
        phone="+49 30 12345678",
        country="DE",
        state="Texas",
        postal_code="ABC",
        website="see linkedin",
        lead_source=lead_pb2.LEAD_SOURCE_OTHER,
        company="1",
    )
    asked.lead.company.domain = "not a domain"
    asked.lead.company.industry = lead_pb2.INDUSTRY_OTHER
    asked.lead.company.employees = 0
    outcome = await verified(asked, 3)
    valid = {one.field for one in outcome.fields if one.verdict == pb.VERDICT_VALID}
    assert valid == {"lead.email", "lead.phone", "lead.country"}
    assert outcome.data_quality_grade == "D"
    assert outcome.verification.status == lead_pb2.VERIFICATION_STATUS_RISKY


def offered(**lead: Any) -> pb.VerifyFacts:
    """Return a lead without anything, and what a provider says."""
    asked = facts()
    record = asked.provider_records.add(provider="p", source=pb.VALUE_SOURCE_PROVIDER)
    record.observed_at.CopyFrom(LATELY)
    for name, value in lead.items():
        setattr(record.lead, name, value)
    return asked


async def test_a_providers_garbage_fills_nothing() -> None:
    """L-20: each value is rejected by itself, with why, and the question is answered."""
    asked = offered(title="n/a", email="not an address", phone="123", country="Germany")
    asked.provider_records[0].lead.company.employees = -5
    outcome = await verified(asked, 3)
    actions = {one.field: one.action for one in outcome.enrichments if one.provider == "p"}
    assert actions.pop("lead.country") == pb.ENRICHMENT_ACTION_FILLED
    assert set(actions.values()) == {pb.ENRICHMENT_ACTION_REJECTED}
    assert all(one.problem for one in outcome.enrichments if one.field in actions)
    assert outcome.lead.country == "DE"
    assert not outcome.lead.email


async def test_a_providers_good_values_are_read() -> None:
    """L-20: they count for the reasons, the quality and what follows from them."""
    outcome = await verified(offered(title="VP Sales", email="ann.lee@gmail.com"), 3)
    assert "NO_CONTACT" not in [one.code for one in outcome.reasons]
    assert outcome.lead.seniority == lead_pb2.SENIORITY_VP
    assert outcome.lead.email_domain_type == lead_pb2.EMAIL_DOMAIN_TYPE_FREE
    assert outcome.verification.data_quality == 30


async def test_a_mismatch_is_told_where_it_is() -> None:
    """L-24: also if the company's domain is empty, or is what contradicts."""
    site = await verified(facts(email="a@acme.com", website="https://other.com"), 3)
    assert ("DOMAIN_MISMATCH", "lead.website") in [(one.code, one.field) for one in site.reasons]
    asked = facts(email="a@acme.com")
    asked.lead.company.domain = "other.com"
    company = await verified(asked, 3)
    found = [(one.code, one.field) for one in company.reasons]
    assert ("DOMAIN_MISMATCH", "lead.company.domain") in found


async def test_a_clock_may_be_ahead() -> None:
    """L-27: seconds between machines refuse nothing; a day does."""
    ahead = build.instant(build.AS_OF + 2_000_000_000)
    await verified(facts(email="a@acme.de", created_at=ahead), 3)
    late = build.instant(build.AS_OF + build.DAY)
    with pytest.raises(AssertionError):
        await verified(facts(email="a@acme.de", created_at=late), 3)


async def test_a_lead_finds_its_account() -> None:
    """By domain for certain, by a subsidiary or a name for a person to look at."""
    asked = facts(email="ann@acme.de", company="Umbrella Holding")
    asked.accounts.add(id="A1", name="Acme Group")
    asked.accounts.add(id="A2", name="Acme GmbH", domains=["https://www.acme.de"], parent_id="A1")
    asked.accounts.add(id="A3", name="UMBRELLA HOLDING AG")
    outcome = await verified(asked, 3)
    assert (outcome.account_id, outcome.lead.company.id) == ("A2", "A2")
    told = [(one.id, one.tier, list(one.codes)) for one in outcome.accounts]
    assert told == [
        ("A2", pb.DUPLICATE_TIER_AUTO, ["ACCOUNT_DOMAIN"]),
        ("A1", pb.DUPLICATE_TIER_REVIEW, ["ACCOUNT_PARENT"]),
        ("A3", pb.DUPLICATE_TIER_REVIEW, ["ACCOUNT_NAME"]),
    ]
    assert outcome.accounts[0].ultimate_parent_id == "A1"
