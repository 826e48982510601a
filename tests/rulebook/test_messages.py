"""Facts in a case become the message that a caller would send."""

from collections.abc import Callable

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.document import Node
from dealgate.rulebook.merging import merged
from dealgate.rulebook.messages import read_message

FACTS = """\
deal:
  id: "007"
  employees: 0
  visits: 9223372036854775807
  seats: 4294967295
  probability: 1e-3
  country: NO
  strategic: false
  stage: STAGE_PROPOSAL
  amount: EUR -1000.50
  discount: 0.20
  close_date: 2024-02-29
  created_at: 2026-01-31T12:00:00.000000001Z
  owner: {name: null, signs: true}
  tags: [012, "null"]
  quotas: {north: 5, "12": -1}
  store: S1
contacts:
  - name: Ann
  - {}
"""


def facts(approve: AnyKind, node: Node) -> Message:
    """Read facts that have no faults."""
    faults: list[Fault] = []
    message: Message = read_message(node, approve.facts(), "case", faults)
    assert faults == []
    return message


def test_every_type_of_fact_is_read_exactly(approve: AnyKind, read: Callable[[str], Node]) -> None:
    """Zero and false are known, null is not; nothing is rounded, and Norway is a country."""
    assert MessageToDict(facts(approve, read(FACTS)), preserving_proto_field_name=True) == {
        "deal": {
            "id": "007",
            "employees": 0,
            "visits": "9223372036854775807",
            "seats": 4294967295,
            "probability": 0.001,
            "country": "NO",
            "strategic": False,
            "stage": "STAGE_PROPOSAL",
            "amount": {"currency_code": "EUR", "units": "-1000", "nanos": -500000000},
            "discount": {"value": "0.20"},
            "close_date": {"year": 2024, "month": 2, "day": 29},
            "created_at": "2026-01-31T12:00:00.000000001Z",
            "owner": {"signs": True},
            "tags": ["012", "null"],
            "quotas": {"north": "5", "12": "-1"},
            "store": "S1",
        },
        "contacts": [{"name": "Ann"}, {}],
    }


def test_case_overrides_its_fixtures_key_by_key(
    approve: AnyKind, read: Callable[[str], Node]
) -> None:
    """Later layers win at every depth, a list is replaced whole, and null removes a fact."""
    layers = [
        "deal: {id: D1, employees: 50, owner: {name: Ann, signs: true}, tags: [a, b]}",
        "deal: {country: DE, owner: {signs: false}}\ncontacts: [{name: Bo}]",
        "deal: {employees: null, owner: {name: null}, tags: [c]}",
    ]
    whole = "deal: {id: D1, owner: {signs: false}, tags: [c], country: DE}\ncontacts: [{name: Bo}]"
    assert facts(approve, merged([read(layer) for layer in layers])) == facts(approve, read(whole))


def test_whole_block_can_be_removed(approve: AnyKind, read: Callable[[str], Node]) -> None:
    """A null takes away a message and all that is in it, so that it is as if never told."""
    tree = merged([read("deal: {owner: {name: Ann}, amount: EUR 1}"), read("deal: {owner: null}")])
    assert facts(approve, tree) == facts(approve, read("deal: {amount: EUR 1.00}"))
