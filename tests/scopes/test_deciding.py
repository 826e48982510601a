"""Scopes: a version of a kind's rules with what is otherwise in some places, or for one tenant."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.assemble.provenance import made_with
from dealgate.assemble.seals import refuse_other_rules
from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.explain.redeciding import redecide
from dealgate.foresight.replaying import Replayer
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, ScopesOverlap, UnknownRuleSet
from dealgate.model.replays import ReplayVerdict
from dealgate.rulebook.catalog import Catalog
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.decision_pb2 import DecisionOptions
from dealgate.wire.arrival import Arrival
from dealgate.wire.asking import question
from tests.foresight.recording import MARCH
from tests.scopes.folder import FILES, read, written

ENGINE = NativeEngine()
ID = "019ca000-0000-7000-8000-000000000001"
DACH = "qualify/dach/v1.yaml"
REFUSES = {DACH: FILES[DACH].replace("unknown: base", "unknown: refuse")}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The rules as they are."""
    return read(written(tmp_path_factory.mktemp("scopes"))).needing_all().catalog


def decided(
    catalog: Catalog,
    lead: Mapping[str, Any],
    tenant: str = "default",
    journal: MemoryJournal | None = None,
    **options: Any,
) -> Decision:
    """Return the decision about a lead."""
    request = pb.QualifyLeadRequest(options=DecisionOptions(**options))
    request.facts.lead.id = "L1"
    request.facts.lead.company.employees = lead.get("employees", 20)
    if "country" in lead:
        request.facts.lead.country = lead["country"]
    asked = question(KINDS["qualify"], request, Arrival(ID, MARCH), tenant)
    decider = Decider(
        catalog.kinds, catalog, ENGINE, journal or MemoryJournal(), made_with=made_with
    )
    return asyncio.run(decider.decide(asked))


def header(decision: Decision) -> Any:
    """Return the header of an answer."""
    return pb.QualifyLeadResponse.FromString(decision.answer).header


@pytest.mark.parametrize(
    ("lead", "tenant", "scope", "fired"),
    [
        ({"country": "DE"}, "default", "dach", ["size/mid"]),
        ({"country": "US"}, "default", "", ["too-small"]),
        ({"country": "US"}, "acme", "acme", ["too-small"]),
        ({"country": "US", "employees": 100}, "default", "", ["size/mid"]),
        ({"country": "US", "employees": 100}, "acme", "acme", ["too-small"]),
        # The tenant's own comes before those for everybody.
        ({"country": "DE"}, "acme", "acme", ["too-small"]),
    ],
)
def test_facts_and_tenant_choose_the_scope(
    catalog: Catalog, lead: Mapping[str, Any], tenant: str, scope: str, fired: list[str]
) -> None:
    """The header names what decided: the scope, its version, and its digest."""
    told = header(decided(catalog, lead, tenant))
    assert [rule.rule_id for rule in told.evidence.fired] == fired
    assert (told.rule_set_name, told.scope, told.scope_missing_facts) == ("qualify", scope, [])
    ruleset = catalog.version(f"qualify/{scope}" if scope else "qualify", 1)
    assert (told.rule_set_version, told.rule_set_digest) == (1, ruleset.digest)


def test_an_open_choice_is_told_and_the_kinds_own_rules_decide(catalog: Catalog) -> None:
    """Where the scope says so; the header has the facts that would have told."""
    told = header(decided(catalog, {}))
    assert (told.scope, [*told.scope_missing_facts]) == ("", ["lead.country"])


def test_an_open_choice_is_refused_if_the_scope_says_so(tmp_path: Path) -> None:
    """By a violation that names the fact, beside all others of the question."""
    catalog = read(written(tmp_path, files=REFUSES)).needing_all().catalog
    with pytest.raises(BadQuestion) as refused:
        decided(catalog, {"employees": -1})
    fields = [violation.field for violation in refused.value.violations]
    assert fields == ["lead.country", "lead.company.employees"]
    assert decided(catalog, {"country": "US"}).scope == ""


def test_a_scope_that_overlaps_another_is_refused_and_never_guessed(tmp_path: Path) -> None:
    """`dealgate check` proves that there are none; a server that was not asked says so."""
    other = {
        name.replace("dach", "emea"): text.replace("scope: dach", "scope: emea")
        for name, text in FILES.items()
        if "dach" in name
    }
    catalog = read(written(tmp_path, files=other)).needing_all().catalog
    with pytest.raises(ScopesOverlap) as refused:
        decided(catalog, {"country": "DE"})
    assert str(refused.value).startswith("scopes dach, emea: ")


@pytest.mark.parametrize(
    ("options", "scope"),
    [
        ({"scope": "dach"}, "dach"),
        ({"scope": ""}, ""),
        ({"scope": "dach", "rule_set_version": 1}, "dach"),
        ({"rule_set_version": 1}, ""),
    ],
)
def test_a_caller_may_name_the_scope(
    catalog: Catalog, options: Mapping[str, Any], scope: str
) -> None:
    """Then facts choose nothing; a version without a scope is one of the kind's own."""
    lead = {"country": "US" if scope else "DE"}
    assert decided(catalog, lead, **options).scope == scope


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rule_set_version": 1},
        {"rule_set_version": 9},
        {"rule_set_version": 9, "dry_run": True},
        {"as_of": Timestamp(seconds=1)},
    ],
)
def test_nobody_may_name_a_scope_that_is_not_there_or_is_anothers(
    catalog: Catalog, options: Mapping[str, Any]
) -> None:
    """Both are told alike, whatever else is asked: whose scopes there are is nobody else's."""
    told = set()
    for scope in ("nowhere", "acme"):
        with pytest.raises(UnknownRuleSet) as refused:
            decided(catalog, {}, scope=scope, **options)
        told.add(str(refused.value).replace(scope, "…"))
    assert len(told) == 1


def test_a_tenant_names_its_own_scope(catalog: Catalog) -> None:
    """As anybody names one that is for all."""
    assert decided(catalog, {}, "acme", scope="acme").scope == "acme"


@pytest.mark.parametrize("lead", [{"country": "DE"}, {"country": "US"}, {}])
def test_what_a_scope_decided_is_replayed_to_the_byte(
    catalog: Catalog, lead: Mapping[str, Any]
) -> None:
    """Found again by its digest, though the kind has a version of the same number."""
    journal = MemoryJournal()
    decision = decided(catalog, lead, journal=journal)
    kept = asyncio.run(journal.get(decision.tenant, decision.id))
    assert kept.scope == decision.scope
    replayed = Replayer(catalog.kinds, catalog, made_with).replay(kept)
    assert replayed.verdict is ReplayVerdict.EQUAL
    assert redecide(kept, catalog.kinds, catalog, ENGINE).difference == ""


def test_a_journal_is_held_to_the_rules_of_scopes_too(catalog: Catalog, tmp_path: Path) -> None:
    """What dach@1 decided is not taken for qualify@1; another dach@1 is refused."""
    url = str(tmp_path / "journal.db")

    async def record() -> None:
        journal = await open_journal(url)
        await journal.append_all([decision])
        await journal.close()

    decision = decided(catalog, {"country": "DE"})
    asyncio.run(record())
    refuse_other_rules(url, catalog)
    changed = written(tmp_path, files={DACH: FILES[DACH].replace("least: 10", "least: 11")})
    with pytest.raises(JournalUnusable, match="a released version was changed"):
        refuse_other_rules(url, read(changed).catalog)


def test_without_scopes_nothing_is_chosen(catalog: Catalog) -> None:
    """A question's hash is as before, unless it names a scope."""
    assert catalog.scopes("qualify", "other", MARCH)[0].name == "qualify/dach@1"
    assert catalog.scopes("score", "other", MARCH) == []
    lead = {"country": "DE"}
    hashes = {decided(catalog, lead).body_hash, decided(catalog, lead, scope="dach").body_hash}
    assert len(hashes) == 2
