"""Every declared type, from the file that declares it to the replay of what it decided."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.assemble.provenance import made_with
from dealgate.cases.findings import coverage_of, mutation_of
from dealgate.decide import Decider
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.explain.explaining import explain
from dealgate.explain.flip_results import Bounds
from dealgate.explain.redeciding import redecide
from dealgate.foresight.replaying import Replayer
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import BadQuestion
from dealgate.model.replays import ReplayVerdict
from dealgate.proof.checking import analysed
from dealgate.v1 import qualify_pb2 as pb
from tests.declared import folder
from tests.foresight.recording import MARCH

ENGINE = NativeEngine()
Truth = bool | None
INSTANT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _amount(text: str) -> Decimal:
    return Decimal(text.partition(" ")[2])


dates = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)).map(str)
# What callers may send of each property, and what its rule makes of that.
SENT: Mapping[str, tuple[st.SearchStrategy[Any], Callable[[Any], bool]]] = {
    "tier": (st.sampled_from(["gold", "silver", "bronze"]), lambda v: v == "gold"),
    "webinars": (st.integers(0, 50), lambda v: 3 <= v <= 40),
    "is_vip": (st.booleans(), bool),
    "win_rate": (
        st.decimals(0, 1, places=3).map(str) | st.sampled_from([0.25, 0.2, 1]),
        lambda v: Decimal(str(v)) >= Decimal("0.25"),
    ),
    "nickname": (st.sampled_from(["Jo", "jo", "Özlem"]), lambda v: v == "Jo"),
    "renews_on": (dates, lambda v: v >= "2026-07-01"),
    "last_seen": (
        st.datetimes(dt.datetime(2025, 6, 1), dt.datetime(2026, 6, 1)).map(  # noqa: DTZ001  # UTC by its text
            lambda v: f"{v:%Y-%m-%dT%H:%M:%S}.{v.microsecond:06d}Z"
        ),
        lambda v: dt.datetime.fromisoformat(v) > INSTANT,
    ),
    "response_time": (st.integers(0, 200).map(lambda v: f"{v}m"), lambda v: int(v[:-1]) < 120),
    "wallet": (
        st.decimals(0, 2000, places=2).map(lambda v: f"EUR {v}"),
        lambda v: _amount(v) >= Decimal("1000.50"),
    ),
    "tags": (st.lists(st.sampled_from(["alpha", "beta"]), max_size=3), lambda v: "beta" in v),
    "visits": (st.lists(dates, max_size=3), lambda v: any(day >= "2026-01-01" for day in v)),
    "counts": (st.lists(st.integers(0, 5), max_size=3), lambda v: any(n >= 3 for n in v)),
    "flags": (st.lists(st.booleans(), max_size=3), any),
    "rates": (
        st.lists(st.decimals(0, 1, places=2).map(str), max_size=3),
        lambda v: any(Decimal(rate) >= Decimal("0.5") for rate in v),
    ),
    "stays": (
        st.lists(st.integers(0, 4).map(lambda v: f"{v}h"), max_size=3),
        lambda v: any(int(stay[:-1]) >= 2 for stay in v),
    ),
    "logins": (
        st.lists(dates.map(lambda v: f"{v}T00:00:00Z"), max_size=3),
        lambda v: any(dt.datetime.fromisoformat(at) >= INSTANT for at in v),
    ),
    "orders": (
        st.lists(st.integers(0, 20).map(lambda v: f"EUR {v}.00"), max_size=3),
        lambda v: any(_amount(order) >= 10 for order in v),
    ),
    "levels": (st.lists(st.sampled_from(["base", "top"]), max_size=3), lambda v: "top" in v),
    "is_partner": (st.booleans(), bool),
}
LISTS = ("counts", "flags", "rates", "stays", "logins", "orders", "levels")
# What no rule has to wait for: a list is empty, and this one says what its absence means.
NEVER_UNKNOWN = {"is_partner", "tags", "visits", *LISTS}
properties = st.fixed_dictionaries({}, optional={name: of[0] for name, of in SENT.items()})


def asked(sent: Mapping[str, Any]) -> Question:
    """Return the question about a lead with these properties."""
    facts = pb.QualifyFacts()
    facts.lead.id = "L1"
    facts.lead.properties.update(sent)
    id_ = "019ca000-0000-7000-8000-000000000001"
    return Question(
        id_, "qualify", facts, MARCH, MARCH, trace_id="0af7651916cd43dd8448eb211c80319c"
    )


def decided(sent: Mapping[str, Any]) -> Decision:
    """Return what is decided and recorded of it."""
    catalog = _Released(folder.checked().catalog)
    decider = Decider(catalog.kinds, catalog, ENGINE, MemoryJournal(), made_with=made_with)
    return asyncio.run(decider.decide(asked(sent)))


class _Released:
    """A catalog whose only version decides at any instant."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self.kinds = catalog.kinds

    def at(self, kind: str, as_of: int) -> Any:
        del as_of
        return self._catalog.version(kind, 1)

    def version(self, kind: str, version: int) -> Any:
        return self._catalog.version(kind, version)

    def scopes(self, kind: str, tenant: str, as_of: int) -> Sequence[Any]:
        del kind, tenant, as_of
        return ()

    def may_know(self, shelf: str, tenant: str) -> bool:
        return bool(shelf or tenant)

    def recorded(self, kind: str, version: int, digest: str) -> Any:
        return self._catalog.recorded(kind, version, digest)

    def is_released(self, ruleset: Any) -> bool:
        return bool(ruleset)


@given(properties)
@settings(max_examples=60)
def test_every_type_is_decided_recorded_explained_and_replayed(sent: Mapping[str, Any]) -> None:
    """Rules say of any values what Python says of them; the record gives the same bytes again."""
    decision = decided(sent)
    answer = pb.QualifyLeadResponse.FromString(decision.answer)
    truths: dict[str, Truth] = {
        name: (None if name not in NEVER_UNKNOWN else False)
        if name not in sent
        else of[1](sent[name])
        for name, of in SENT.items()
    }
    fired = {entry.rule_id for entry in answer.header.evidence.fired}
    undecided = {entry.rule_id for entry in answer.header.evidence.undecided}
    ids = {name: name.replace("_", "-") for name in SENT}
    assert fired & set(ids.values()) == {ids[name] for name, truth in truths.items() if truth}
    assert undecided & set(ids.values()) == {ids[n] for n, truth in truths.items() if truth is None}
    missing = {path.removeprefix("lead.properties.") for path in answer.header.missing_facts}
    assert {name for name in SENT if truths[name] is None} <= missing
    catalog = _Released(folder.checked().catalog)
    replayed = Replayer(catalog.kinds, catalog, made_with).replay(decision)
    assert replayed.verdict is ReplayVerdict.EQUAL
    again = redecide(decision, catalog.kinds, catalog, ENGINE)
    assert again.difference == ""
    recorded = pb.QualifyFacts.FromString(decision.facts)
    assert recorded == asked(sent).facts, "the journal keeps what was sent"


def test_a_folder_with_every_type_is_sound() -> None:
    """Cases pass, every rule is proved, and no condition is found unable to be true or false."""
    (file,) = folder.checked().files
    assert all(not tried.failures for tried in asyncio.run(run_cases(ENGINE, [file])))
    report = analysed(file.ruleset, file.kind, file.cases)
    assert not report.faults
    assert not report.unknown
    gaps = [str(finding) for finding in report.findings if finding.code == "table-gap"]
    assert any("from 0 to less than 10" in gap for gap in gaps), "within the declared bounds"


def test_coverage_and_mutation_know_properties() -> None:
    """What no case shows of a property is found like of any fact."""
    checked = folder.checked()
    (file,) = checked.files
    coverage = coverage_of(folder.written(), file.kind, file)
    assert any("tier" in str(finding.fault) for finding in coverage.missing)
    mutation = asyncio.run(mutation_of(folder.written(), file.kind, file))
    assert mutation.missing


def test_an_explanation_names_properties_and_flips_them() -> None:
    """What was missing, and which value would have brought another outcome."""
    decision = decided({"tier": "silver", "webinars": 1})
    catalog = _Released(folder.checked().catalog)
    again = redecide(decision, catalog.kinds, catalog, ENGINE)
    found = explain(again.judge, again.facts, again.verdict, Bounds(tries=3000, seconds=60))
    told = str(found)
    assert "lead.properties" in told


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"webinars": "many"}, "webinars", "must be a whole number"),
        ({"webinars": 51}, "webinars", "must be 50 or less"),
        ({"webinars": 2**53 + 2}, "webinars", "beyond 2^53 write it as text"),
        ({"webinars": 1.5}, "webinars", "must be a whole number"),
        ({"tier": "golden"}, "tier", "must be one of gold, silver, bronze"),
        ({"tier": True}, "tier", "must be text"),
        ({"is_vip": "true"}, "is_vip", "must be true or false"),
        ({"win_rate": "1e-3"}, "win_rate", "must be a decimal"),
        ({"win_rate": 1.5}, "win_rate", "must be 1 or less"),
        ({"renews_on": "2026-02-30"}, "renews_on", "is not a valid calendar date"),
        ({"renews_on": "2019-12-31"}, "renews_on", "must be 2020-01-01 or more"),
        ({"last_seen": "2026-01-01T00:00:00+01:00"}, "last_seen", "must be an instant in UTC"),
        ({"response_time": "-1m"}, "response_time", "must be 0s or more"),
        ({"response_time": 60}, "response_time", "must be a duration"),
        ({"wallet": "EUR 1.005"}, "wallet", "has more decimals than the 2"),
        ({"wallet": "XXX 1"}, "wallet", "is not an ISO 4217 currency code"),
        ({"tags": "beta"}, "tags", "must be a list"),
        ({"tags": ["beta", 3]}, "tags[1]", "must be text"),
        ({"visits": [{"year": 2026}]}, "visits[0]", "must be a date"),
        ({"colour": "red"}, "colour", "is not declared in properties.yaml"),
    ],
)
def test_a_wrong_property_is_refused_by_its_field(sent: Any, field: str, says: str) -> None:
    """Nothing is rounded or guessed, and what nobody declared is not passed over."""
    with pytest.raises(BadQuestion) as refused:
        decided(sent)
    (violation,) = refused.value.violations
    assert violation.field == f"lead.properties.{field}"
    assert says in violation.description


def test_all_that_is_wrong_is_told_at_once() -> None:
    """All faults of all entities in a declaration are reported at once."""
    question = asked({"webinars": 51, "tier": "golden"})
    facts: Any = question.facts
    facts.activities.add(id="a1").properties.update({"medium": "tv"})
    facts.activities[0].at.seconds = 1_770_000_000
    catalog = _Released(folder.checked().catalog)
    decider = Decider(catalog.kinds, catalog, ENGINE, MemoryJournal())
    with pytest.raises(BadQuestion) as refused:
        asyncio.run(decider.decide(question))
    assert [violation.field for violation in refused.value.violations] == [
        "lead.properties.tier",
        "lead.properties.webinars",
        "activities[0].properties.medium",
    ]


def test_null_and_blank_text_say_nothing() -> None:
    """As leaving the property out does."""
    answer = pb.QualifyLeadResponse.FromString(decided({"tier": None, "nickname": " "}).answer)
    assert {"lead.properties.tier", "lead.properties.nickname"} <= {*answer.header.missing_facts}


def test_without_declarations_any_property_is_refused() -> None:
    """By every kind, as nobody could have meant it."""
    question = asked({"tier": "gold"})
    facts, wrong = KINDS["qualify"].admitted(question.facts, None, MARCH)
    del facts
    assert [violation.field for violation in wrong] == ["lead.properties.tier"]


def test_the_handbook_says_what_a_version_reads() -> None:
    """With type, bounds and reason."""
    (file,) = folder.checked().files
    assert file.ruleset.properties[:2] == ("activity.medium", "company.fleet")
