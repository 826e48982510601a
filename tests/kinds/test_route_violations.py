"""Claims about what is refused in the facts of a routing."""

import pytest
from google.protobuf import text_format

from dealgate.kinds.route import ROUTE
from dealgate.kinds.route.terms import RouteParameters
from dealgate.v1 import route_pb2 as pb
from tests.kinds import build
from tests.kinds.routing import PARAMETERS


def broken(more: str) -> list[str]:
    """Return the fields that are refused of a sound lead with `more`."""
    facts = text_format.Parse("lead { id: 'L1' }", pb.RouteFacts())
    text_format.Merge(more, facts)
    parameters = RouteParameters.model_validate(PARAMETERS)
    return [one.field for one in ROUTE.check(facts, parameters, build.AS_OF)]


HOURS = "reps[0].working_hours"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("lead { id: '' }", ["lead.id"]),
        ("lead { created_at { seconds: 99999999999 } }", ["lead.created_at"]),
        ("lead { country: 'Germany' }", ["lead.country"]),
        ("account { tier: 0 }", ["account.tier"]),
        ("account { owner_id: '%s' }" % ("x" * 257), ["account.owner_id"]),
        (
            "annual_contract_value { currency_code: 'EUR' units: -1 }",
            ["annual_contract_value"],
        ),
        ("product_users: -1", ["product_users"]),
        ("reps { }", ["reps[0].id"]),
        ("reps { id: 'a' } reps { id: 'a' }", ["reps[1].id"]),
        ("".join(f"reps {{ id: 'r{n}' }} " for n in range(501)), ["reps"]),
        ("reps { id: 'a' capacity: -1 }", ["reps[0].capacity"]),
        ("reps { id: 'a' open_leads: -1 }", ["reps[0].open_leads"]),
        ("reps { id: 'a' weight { value: '0' } }", ["reps[0].weight"]),
        ("reps { id: 'a' weight { value: '100.1' } }", ["reps[0].weight"]),
        ("reps { id: 'a' weight { value: 'much' } }", ["reps[0].weight"]),
        ("reps { id: 'a' quota_attainment { value: '-0.1' } }", ["reps[0].quota_attainment"]),
        ("reps { id: 'a' time_off { } }", ["reps[0].time_off[0].start", "reps[0].time_off[0].end"]),
        (
            "reps { id: 'a' time_off { start { seconds: 5 } end { seconds: 5 } } }",
            ["reps[0].time_off[0].end"],
        ),
        ("reps { id: 'a' working_hours { opens: 9 } }", [f"{HOURS}.closes"]),
        ("reps { id: 'a' working_hours { closes: 9 } }", [f"{HOURS}.opens"]),
        ("reps { id: 'a' working_hours { opens: 9 closes: 9 } }", [f"{HOURS}.closes"]),
        (
            "reps { id: 'a' working_hours { opens: -1 closes: 25 } }",
            [f"{HOURS}.opens", f"{HOURS}.closes"],
        ),
        ("reps { id: 'a' working_hours { time_zone: 'Mars' } }", [f"{HOURS}.time_zone"]),
        ("reps { id: 'a' working_hours { time_zone: '../etc' } }", [f"{HOURS}.time_zone"]),
        ("reps { id: 'a' working_hours { region: 'XX' } }", [f"{HOURS}.region"]),
        ("reps { id: 'a' working_hours { region: 'DE-ZZ' } }", [f"{HOURS}.region"]),
        ("cursor { version: -1 }", ["cursor.version"]),
        (
            "cursor { balances { } }",
            [
                "cursor.balances[0].team",
                "cursor.balances[0].rep_id",
                "cursor.version",
            ],
        ),
        (
            "cursor { version: 1 balances { team: 't' rep_id: 'a' balance: 4611686018427387905 } }",
            ["cursor.balances[0].balance"],
        ),
        (
            "cursor { version: 1 }" + " cursor { balances { team: 't' rep_id: 'a' } }" * 2,
            ["cursor.balances[1].rep_id"],
        ),
    ],
)
def test_bad_facts_are_named(more: str, expected: list[str]) -> None:
    """Every fault is named by its path, and nothing else is."""
    assert broken(more) == expected


@pytest.mark.parametrize(
    "more",
    [
        "reps { id: 'a' working_hours { opens: 0 closes: 24 time_zone: 'Asia/Tokyo' region: '' } }",
        "reps { id: 'a' weight { value: '0.001' } quota_attainment { value: '2.5' } }",
        "reps { id: 'a' time_off { start { seconds: 5 } end { seconds: 99999999999 } } }",
        "cursor { name: 'emea' }",
    ],
)
def test_odd_facts_are_taken(more: str) -> None:
    """Time off lies in the future, and a rep may know no holidays."""
    assert broken(more) == []
