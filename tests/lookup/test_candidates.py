"""Claims about duplicates that are found among leads verified before."""

import pytest

from dealgate.decide import Decide, alone
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.model.errors import UnknownRuleSet
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Company, Lead
from tests.kinds import build
from tests.lookup.deciding import decider, outcome, question
from tests.shipped import catalog


def deciding(journal: MemoryJournal) -> Decide:
    """Return `decide` with candidates from `journal`."""
    return alone(Lookups(KINDS, journal, None).around(decider(journal).decide_all, catalog()))


def asking(identity: str, **lead: object) -> pb.VerifyFacts:
    """Return a lead whose duplicates are to be found."""
    return pb.VerifyFacts(lead=Lead(id=identity, **lead), find_candidates=True)  # type: ignore[arg-type]


@pytest.fixture
def journal() -> MemoryJournal:
    """An empty journal."""
    return MemoryJournal()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "Ada@acme.de"}, {"email": " ada@ACME.de"}),
        ({"phone": "+49 30 12345678"}, {"phone": "030 12345678", "country": "Germany"}),
        (
            {"email": "a@acme.de", "last_name": "Weber"},
            {"email": "ada@acme.de", "last_name": "WEBER"},
        ),
        (
            {"company": Company(name="Acme GmbH"), "postal_code": "10115"},
            {"company": Company(name="ACME AG"), "postal_code": "101 15"},
        ),
    ],
)
async def test_a_lead_verified_before_is_found(
    journal: MemoryJournal, one: dict[str, object], other: dict[str, object]
) -> None:
    """By address, number, domain and last name, or company and postal code, in any spelling."""
    decide = deciding(journal)
    await decide(question(asking("L1", **one)))
    decision = await decide(question(asking("L2", **other)))
    recorded = pb.VerifyFacts.FromString(decision.facts)
    assert [candidate.id for candidate in recorded.candidates] == ["L1"]


async def test_what_was_found_decides_like_what_was_brought(journal: MemoryJournal) -> None:
    """The survivor and its opt-out come out of the journal."""
    decide = deciding(journal)
    old = asking("L1", email="a@acme.de", created_at=build.instant(build.AS_OF - build.DAY))
    old.opt_outs.add(channel=pb.CHANNEL_EMAIL)
    await decide(question(old))
    new = asking("L2", email="a@acme.de", created_at=build.instant(build.AS_OF))
    found = outcome((await decide(question(new))).answer)
    assert found.survivor_id == "L1"
    assert list(found.carried_opt_outs) == [pb.CHANNEL_EMAIL]


async def test_the_newest_form_of_a_lead_counts(journal: MemoryJournal) -> None:
    """A lead verified twice is one candidate; the lead itself and those brought are none."""
    decide = deciding(journal)
    await decide(question(asking("L1", email="a@acme.de", last_name="Webr")))
    await decide(question(asking("L1", email="a@acme.de", last_name="Weber")))
    await decide(question(asking("L2", email="a@acme.de")))
    again = asking("L2", email="a@acme.de")
    recorded = pb.VerifyFacts.FromString((await decide(question(again))).facts)
    assert [one.last_name for one in recorded.candidates] == ["Weber"]
    again.candidates.add(id="L1", last_name="brought")
    recorded = pb.VerifyFacts.FromString((await decide(question(again))).facts)
    assert [one.last_name for one in recorded.candidates] == ["brought"]


async def test_only_what_was_known_at_as_of_is_found(journal: MemoryJournal) -> None:
    """A question about yesterday does not see a lead of today; nor does another tenant."""
    decide = deciding(journal)
    await decide(question(asking("L1", email="a@acme.de")))
    yesterday = question(asking("L2", email="a@acme.de"), as_of=build.AS_OF - build.DAY)
    assert not pb.VerifyFacts.FromString((await decide(yesterday)).facts).candidates
    elsewhere = question(asking("L2", email="a@acme.de"), tenant="acme")
    assert not pb.VerifyFacts.FromString((await decide(elsewhere)).facts).candidates


async def test_nothing_is_sought_unless_the_caller_wants_it(journal: MemoryJournal) -> None:
    """The facts stay as they were sent."""
    decide = deciding(journal)
    await decide(question(asking("L1", email="a@acme.de")))
    plain = pb.VerifyFacts(lead=Lead(id="L2", email="a@acme.de"))
    assert pb.VerifyFacts.FromString((await decide(question(plain))).facts) == plain


async def test_a_dry_run_is_not_found_later(journal: MemoryJournal) -> None:
    """What is not recorded leaves no marks."""
    decide = deciding(journal)
    await decide(question(asking("L1", email="a@acme.de"), dry_run=True))
    decision = await decide(question(asking("L2", email="a@acme.de")))
    assert not pb.VerifyFacts.FromString(decision.facts).candidates


async def test_an_unknown_version_is_refused_by_the_walk(journal: MemoryJournal) -> None:
    """The look-up adds no error of its own."""
    with pytest.raises(UnknownRuleSet):
        await deciding(journal)(question(asking("L1", email="a@acme.de"), version=99))


async def test_an_account_of_before_is_found(journal: MemoryJournal) -> None:
    """By the company's domain or name; only a lead whose account is known tells one."""
    decide = deciding(journal)
    company = Company(id="A1", name="Acme GmbH", domain="acme.de")
    await decide(question(asking("L1", email="ada@acme.de", company=company)))
    await decide(question(asking("L2", email="bob@umbrella.com", company=Company(name="Umbrella"))))
    leads = (Lead(id="L3", email="tom@acme.de"), Lead(id="L4", company=Company(name="ACME AG")))
    for lead in leads:
        asked = pb.VerifyFacts(lead=lead)
        asked.find_accounts = True
        decision = await decide(question(asked))
        recorded = pb.VerifyFacts.FromString(decision.facts)
        assert [one.id for one in recorded.accounts] == ["A1"]
        assert not recorded.candidates
