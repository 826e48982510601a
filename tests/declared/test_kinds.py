"""Kinds without code: what kind.yaml declares decides like any other kind."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.assemble.access import access_rules
from dealgate.assemble.following import live_catalog
from dealgate.assemble.provenance import made_with
from dealgate.decide import Decider
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.explain.explaining import explain
from dealgate.explain.flip_results import Bounds
from dealgate.explain.redeciding import redecide
from dealgate.foresight.replaying import Replayer
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision
from dealgate.model.errors import BadQuestion, DealgateError, Forbidden, NotServed
from dealgate.model.messages import recorded
from dealgate.model.replays import ReplayVerdict
from dealgate.proof.checking import analysed
from dealgate.rulebook.checking import Checked
from dealgate.rulebook.faults import RulebookFaults
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.arrival import Arrival
from dealgate.wire.asking import declared_call
from dealgate.wire.bulk import Bulk
from dealgate.wire.known_kinds import KnownKinds
from dealgate.wire.records import History
from dealgate.wire.watch_filters import watch_violations
from tests.declared.folder import read
from tests.foresight.recording import MARCH

EXAMPLES = Path(__file__).parents[2] / "examples"
ENGINE = NativeEngine()
ID = "019ca000-0000-7000-8000-000000000001"
Truth = bool | None


@cache
def checked() -> Checked:
    """Return the shipped examples."""
    return read(EXAMPLES).needing_all()


def arrive() -> Arrival:
    """Every question comes at one instant."""
    return Arrival(ID, MARCH)


def decider(journal: MemoryJournal) -> Decider:
    """Return what decides by the examples."""
    catalog = checked().catalog
    return Decider(catalog.kinds, catalog, ENGINE, journal, made_with=made_with)


def caller() -> Any:
    """Return a call of somebody who may do everything."""
    return SimpleNamespace(allow=lambda _: None, tenant="default", decision_id="")


def answered(kind: str, facts: Mapping[str, Any], journal: MemoryJournal) -> pb.DecideResponse:
    """Return the answer of Decide."""
    request = pb.DecideRequest(kind=kind)
    request.facts.update(facts)
    current = decider(journal)
    call = declared_call(KINDS, lambda: current.decide_all, arrive)
    data = asyncio.run(_called(call(request.SerializeToString(), caller())))
    return pb.DecideResponse.FromString(data)


async def _called(answer: Any) -> bytes:
    data: bytes = await answer
    return data


def test_the_examples_are_sound_and_released() -> None:
    """Their cases pass, and all their rules are proved."""
    catalog = checked().catalog
    assert set(catalog.kinds) >= {"discount", "renewal_pricing", *KINDS}
    for file in checked().files:
        assert all(not tried.failures for tried in asyncio.run(run_cases(ENGINE, [file])))
        report = analysed(file.ruleset, file.kind, file.cases, file.accepted)
        assert not report.faults
        assert not report.unknown
        assert catalog.is_released(file.ruleset)


def test_a_declared_kind_is_answered_recorded_explained_and_replayed() -> None:
    """With the header of any kind; the journal keeps what was sent, by its names."""
    journal = MemoryJournal()
    quote = {"id": "Q1", "discount": "0.25", "amount": "EUR 120000.00", "payment": "net_30"}
    answer = answered("discount", {"quote": quote, "seller": {"level": "junior"}}, journal)
    assert answer.header.kind == "discount"
    assert [entry.rule_id for entry in answer.header.evidence.fired] == ["matrix/mid-large"]
    assert MessageToDict(answer.outcome) == {
        "verdict": "needs_approval",
        "approvers": ["deal_desk"],
        "reasons": ["DISC-12"],
    }
    decision = asyncio.run(journal.get("default", ID))
    assert str(decision.entity) == "quote/Q1"
    record = recorded(decision)
    assert MessageToDict(record.question.declared.facts)["quote"] == quote
    assert record.question.declared.kind == "discount"
    assert record.answer.declared == answer
    catalog = checked().catalog
    replayed = Replayer(catalog.kinds, catalog, made_with).replay(decision)
    assert replayed.verdict is ReplayVerdict.EQUAL
    again = redecide(decision, catalog.kinds, catalog, ENGINE)
    assert again.difference == ""
    found = explain(again.judge, again.facts, again.verdict, Bounds(tries=2000, seconds=60))
    assert "quote.discount" in str(found)


def test_a_kind_with_code_is_asked_by_its_name_too() -> None:
    """Its facts and its outcome are JSON then."""
    journal = MemoryJournal()
    with pytest.raises(NotServed):
        answered("qualify", {"lead": {"id": "L1"}}, journal)
    with pytest.raises(BadQuestion) as refused:
        answered("qualify", {"lead": {"idd": "L1"}}, journal)
    assert refused.value.violations[0].field == "facts.lead"


@pytest.mark.parametrize(
    ("kind", "error"), [("", BadQuestion), ("nobody", NotServed), ("route", NotServed)]
)
def test_a_kind_that_is_not_there_says_so(kind: str, error: type[DealgateError]) -> None:
    """Whatever is asked of it."""
    with pytest.raises(error):
        answered(kind, {}, MemoryJournal())


def test_a_batch_holds_declared_questions_beside_others() -> None:
    """Each has its own answer or error."""
    current = decider(MemoryJournal())
    bulk = Bulk(KINDS, lambda: current.decide_all, arrive)
    request = pb.BatchDecideRequest(questions=[pb.Question(), pb.Question()])
    for question, discount in zip(request.questions, ("0.05", "1.5"), strict=True):
        question.declared.kind = "discount"
        question.declared.facts.update({"quote": {"id": "Q", "discount": discount}})
    data = asyncio.run(bulk.batch(request.SerializeToString(), caller()))
    good, bad = pb.BatchDecideResponse.FromString(data).answers
    assert good.declared.header.kind == "discount"
    assert "questions[1].declared.facts.quote.discount" in str(bad.error)


@pytest.mark.parametrize(
    ("facts", "field", "says"),
    [
        ({"quote": {}}, "quote.id", "is required"),
        ({"quote": {"id": "Q", "term_months": 0}}, "quote.term_months", "must be 1 or more"),
        ({"quote": {"id": "Q", "payment": "cash"}}, "quote.payment", "must be one of prepaid"),
        ({"quote": {"id": "Q", "lines": {}}}, "quote.lines", "must be a list"),
        ({"quote": {"id": "Q", "lines": [1]}}, "quote.lines[0]", "must be an object"),
        ({"quote": {"id": "Q", "lines": [{"sku": 1}]}}, "quote.lines[0].sku", "must be text"),
        ({"quote": {"id": "Q", "lines": [{}] * 201}}, "quote.lines", "has more than 200 entries"),
        ({"quote": {"id": "Q", "colour": "red"}}, "quote.colour", "is not declared"),
        ({"quote": {"id": "Q"}, "seller": "junior"}, "seller", "must be an object"),
    ],
)
def test_facts_that_are_not_as_declared_are_refused_by_their_field(
    facts: Mapping[str, Any], field: str, says: str
) -> None:
    """As those of any kind are."""
    with pytest.raises(BadQuestion) as refused:
        answered("discount", facts, MemoryJournal())
    (violation,) = refused.value.violations
    assert violation.field == f"facts.{field}"
    assert says in violation.description


# The same kind, written in Python.
REFUSE, APPROVAL, APPROVE = range(3)
WORDS = ("refuse", "needs_approval", "approve")
APPROVERS = ("manager", "director", "deal_desk", "finance")
Line = tuple[str | None, str | None]


def both(*truths: Truth) -> Truth:
    """Three-valued and."""
    if any(truth is False for truth in truths):
        return False
    return None if None in truths else True


def known(value: Any, test: Any) -> Truth:
    """Return what a test says of a value; None of none."""
    return None if value is None else bool(test(value))


def by_hand(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Decide in Python what examples/discount decides."""
    given = facts["discount"]
    depth = None if given is None else Decimal(given)
    amount, payment, level = facts["amount"], facts["payment"], facts["level"]
    rules: list[tuple[Truth, int, str | None, str | None, Decimal | None]] = [
        (known(depth, lambda v: v > Decimal("0.4")), REFUSE, None, "DISC-01", None)
    ]
    lines: Sequence[Line] = facts["lines"]
    for family, part in lines:
        truth = both(
            known(family, lambda v: v == "services"),
            known(part, lambda v: Decimal(v) > Decimal("0.1")),
        )
        rules.append((truth, APPROVAL, "director", "DISC-02", None))
    late = both(
        known(payment, lambda v: v in {"net_60", "net_90"}), known(amount, lambda v: v >= 50_000)
    )
    rules.append((late, APPROVAL, "finance", "DISC-03", None))
    small = known(depth, lambda v: v <= Decimal("0.1"))
    rules.append((small, APPROVE, None, None, Decimal("0.1")))
    senior = both(
        known(depth, lambda v: v <= Decimal("0.2")), known(level, lambda v: v in {"senior", "lead"})
    )
    rules.append((senior, APPROVE, None, None, Decimal("0.2")))

    def within(low: str, high: str) -> Truth:
        return known(depth, lambda v: Decimal(low) < v <= Decimal(high))

    rows = [
        (within("0.1", "0.2"), "manager", "DISC-10"),
        (both(within("0.2", "0.3"), known(amount, lambda v: v < 100_000)), "director", "DISC-11"),
        (both(within("0.2", "0.3"), known(amount, lambda v: v >= 100_000)), "deal_desk", "DISC-12"),
        (within("0.3", "0.4"), "deal_desk", "DISC-13"),
    ]
    none_before: Truth = True
    for truth, who, code in rows:
        rules.append((both(none_before, truth), APPROVAL, who, code, None))
        none_before = both(none_before, None if truth is None else not truth)
    return _folded(rules)


def _folded(
    rules: Sequence[tuple[Truth, int, str | None, str | None, Decimal | None]],
) -> Mapping[str, Any]:
    fired = [rule for rule in rules if rule[0] is True]
    waiting = [rule for rule in rules if rule[0] is None]
    rank = min((rule[1] for rule in fired), default=len(WORDS))
    holds = any(rule[1] < rank for rule in waiting)
    said: dict[str, Any] = {"verdict": WORDS[rank] if rank < len(WORDS) and not holds else "hold"}
    approvers = {rule[2] for rule in fired}
    if listed := [name for name in APPROVERS if name in approvers]:
        said["approvers"] = listed
    if codes := list(dict.fromkeys(rule[3] for rule in fired if rule[3])):
        said["reasons"] = codes
    caps = [rule[4] for rule in fired if rule[4] is not None]
    may_cap = any(rule[4] is not None for rule in waiting)
    if caps and not may_cap:
        said["cap"] = str(min(caps))
    changes = {
        "verdict": holds,
        "approvers": any(rule[2] for rule in waiting),
        "reasons": any(rule[3] for rule in waiting),
        "cap": may_cap,
    }
    if open_ := [name for name, may in changes.items() if may]:
        said["open"] = open_
    return said


depths = st.sampled_from(["0", "0.1", "0.10", "0.15", "0.2", "0.25", "0.3", "0.35", "0.4", "0.9"])
questions = st.fixed_dictionaries(
    {
        "discount": st.none() | depths,
        "amount": st.none() | st.sampled_from([0, 49_999, 50_000, 99_999, 100_000, 10**6]),
        "payment": st.none() | st.sampled_from(["prepaid", "net_30", "net_60", "net_90"]),
        "level": st.none() | st.sampled_from(["junior", "senior", "lead"]),
        "lines": st.lists(
            st.tuples(
                st.none() | st.sampled_from(["platform", "services"]),
                st.none() | st.sampled_from(["0", "0.1", "0.2"]),
            ),
            max_size=2,
        ),
    }
)


@given(questions)
@settings(max_examples=150)
def test_a_declared_kind_decides_like_the_same_kind_in_python(facts: Mapping[str, Any]) -> None:
    """Decision by decision, also where facts are missing."""
    amount = facts["amount"]
    sent = {
        "quote": {
            "id": "Q",
            "discount": facts["discount"],
            "amount": None if amount is None else f"EUR {amount}",
            "payment": facts["payment"],
            "lines": [{"family": f, "discount": d} for f, d in facts["lines"]],
        },
        "seller": {"level": facts["level"]},
    }
    answer = answered("discount", sent, MemoryJournal())
    assert MessageToDict(answer.outcome) == by_hand(facts)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: discount", "kind: other", "this says other, but its folder is called discount"),
        ("id: quote.id", "id: quote.idd", "'quote.idd' is not the path of a text"),
        ("quote.lines: 200", "quote.line: 200", "'quote.line' is not the path of a list"),
        ("fold: min", "fold: gravest", "cap: gravest folds enum"),
        ("word: verdict", "word: cap", "the fold of 'cap' is not gravest or bands"),
        ("{type: money,", "{type: cash,", "'cash' is not one of"),
        ("    is_renewal: {", "    in: {", "'in' is not a valid name of a fact"),
        ("nothing: hold", "nothin: hold", "did you mean 'nothing'?"),
    ],
)
def test_what_is_wrong_with_a_kind_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """And nothing of what follows from it."""
    home = tmp_path / "rules" / "discount"
    home.mkdir(parents=True)
    for path in (EXAMPLES / "discount").iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    text = (home / "kind.yaml").read_text()
    assert old in text
    (home / "kind.yaml").write_text(text.replace(old, new))
    found = [str(fault) for fault in read(tmp_path / "rules").faults.all]
    assert any(says in fault for fault in found)
    assert all(fault.startswith("rules/discount/kind.yaml:") for fault in found)


def test_what_a_kind_declares_is_part_of_what_its_versions_mean(tmp_path: Path) -> None:
    """Reasons apart: a released version does not change under anybody."""
    home = tmp_path / "rules" / "discount"
    home.mkdir(parents=True)
    for path in (EXAMPLES / "discount").iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    text = (home / "kind.yaml").read_text()
    (home / "kind.yaml").write_text(text.replace("Length of the contract.", "In months."))
    read(tmp_path / "rules").needing_all()
    (home / "kind.yaml").write_text(text.replace("fold: min", "fold: max"))
    (fault,) = read(tmp_path / "rules").faults.all
    assert "discount@1 was released and has changed since" in str(fault)


def test_a_decision_is_what_it_was_whatever_order_the_file_has() -> None:
    """Records hold names, not numbers."""
    journal = MemoryJournal()
    answered("discount", {"quote": {"id": "Q", "discount": "0.05"}}, journal)
    decision: Decision = asyncio.run(journal.get("default", ID))
    assert b"discount" in decision.facts
    assert b"verdict" in decision.answer


def known_kinds() -> KnownKinds:
    """Return the kinds that decisions by the examples may be of."""
    live: Any = SimpleNamespace(edition=SimpleNamespace(catalog=checked().catalog))
    return KnownKinds(KINDS, live)


def test_decisions_of_a_declared_kind_are_listed_and_watched_by_its_name() -> None:
    """Whoever may not see the kind is refused, also if he names none."""
    journal = MemoryJournal()
    answered("discount", {"quote": {"id": "Q1", "discount": "0.05"}}, journal)
    history = History(known_kinds(), cast("Any", journal))
    call: Any = SimpleNamespace(tenant="default", allows=lambda _: True, held=None)
    page = asyncio.run(history.find(pb.ListDecisionsRequest(kind="discount"), call))
    assert [summary.entity for summary in page.decisions] == ["quote/Q1"]
    assert asyncio.run(history.find(pb.ListDecisionsRequest(kind="qualify"), call)).decisions == []
    with pytest.raises(BadQuestion):
        asyncio.run(history.find(pb.ListDecisionsRequest(kind="discounts"), call))
    call.allows = lambda kind: kind != "discount"
    for kind in ("", "discount"):
        with pytest.raises(Forbidden):
            asyncio.run(history.find(pb.ListDecisionsRequest(kind=kind), call))
    watched = pb.WatchDecisionsRequest(kinds=["discount"])
    assert list(watch_violations(watched, known_kinds())) == []
    assert len(known_kinds()) > len(KINDS)


def test_declared_kinds_may_be_all_that_is_served(tmp_path: Path) -> None:
    """By name, like those that have code; a name that nothing declares is a fault."""
    for name in ("discount", "renewal_pricing"):
        shutil.copytree(EXAMPLES / name, tmp_path / "rules" / name)
    live = live_catalog(tmp_path / "rules", NativeEngine(), ["discount"])
    assert set(live.edition.catalog.served) == {"discount"}
    with pytest.raises(RulebookFaults, match="unknown kind 'discunt'"):
        live_catalog(tmp_path / "rules", NativeEngine(), ["discunt"])


def test_access_rules_may_name_declared_kinds(tmp_path: Path) -> None:
    """Those of the rules folder, whatever state they are in; others are misspelt."""
    shutil.copytree(EXAMPLES / "discount", tmp_path / "rules" / "discount")
    path = tmp_path / "access.yaml"
    text = """\
because: The desk asks.
principals:
  - {name: desk, when: 'certificate.spiffe_id == "spiffe://example.com/desk"', roles: [desk]}
roles: {desk: {may: [decide], tenants: any, kinds: [discount], because: It asks.}}
"""
    path.write_text(text)
    assert access_rules(path, tmp_path / "rules").roles["desk"].kinds == frozenset({"discount"})
    path.write_text(text.replace("[discount]", "[discunt]"))
    with pytest.raises(RulebookFaults, match="did you mean 'discount'"):
        access_rules(path, tmp_path / "rules")
