"""Claims about what is refused in the facts of a verification."""

import pytest
from google.protobuf import text_format

from dealgate.kinds.verify import VERIFY
from dealgate.v1 import verify_pb2 as pb
from tests.kinds import build
from tests.kinds.verifying import parameters

LATE = "{ seconds: 99999999999 }"
EMAIL = "channel: CHANNEL_EMAIL basis: CONSENT_BASIS_EXPRESS"
RECORD = "provider: 'p' source: VALUE_SOURCE_PROVIDER observed_at { seconds: 1 }"


def broken(more: str) -> list[str]:
    """Return the fields that are refused of a sound lead with `more`."""
    facts = text_format.Parse("lead { id: 'L1' email: 'a@acme.de' }", pb.VerifyFacts())
    text_format.Merge(more, facts)
    return [one.field for one in VERIFY.check(facts, parameters(), build.AS_OF)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("lead { id: '' }", ["lead.id"]),
        ("lead { id: '%s' }" % ("x" * 257), ["lead.id"]),
        (f"lead {{ created_at {LATE} }}", ["lead.created_at"]),
        ("lead { company { employees: -1 } }", ["lead.company.employees"]),
        (
            "lead { company { annual_revenue { units: -1 currency_code: 'EUR' } } }",
            ["lead.company.annual_revenue"],
        ),
        (
            "lead { company { annual_revenue { units: 1 currency_code: 'euro' } } }",
            ["lead.company.annual_revenue"],
        ),
        ("lead { last_name: '%s' }" % ("x" * 513), ["lead.last_name"]),
        ("lead { company { name: '%s' } }" % ("x" * 513), ["lead.company.name"]),
        ("lead { seniority: 99 }", ["lead.seniority"]),
        ("default_region: 'Germany'", ["default_region"]),
        ("consents { }", ["consents[0].channel", "consents[0].basis"]),
        (f"consents {{ {EMAIL} captured_at {LATE} }}", ["consents[0].captured_at"]),
        (
            f"consents {{ {EMAIL} captured_at {{ seconds: 9 }} expires_at {{ seconds: 8 }} }}",
            ["consents[0].captured_at"],
        ),
        (f"consents {{ {EMAIL} }} " * 201, ["consents"]),
        ("opt_outs { }", ["opt_outs[0].channel"]),
        (f"opt_outs {{ channel: CHANNEL_PHONE at {LATE} }}", ["opt_outs[0].at"]),
        ("mail_exchange { }", ["mail_exchange.result", "mail_exchange.domain"]),
        (
            "mail_exchange { domain: 'other.de' result: MAIL_EXCHANGE_RESULT_NULL_MX }",
            ["mail_exchange.domain"],
        ),
        ("candidates { }", ["candidates[0].id"]),
        ("candidates { id: 'L1' }", ["candidates[0].id"]),
        ("candidates { id: 'L2' } candidates { id: 'L2' }", ["candidates[1].id"]),
        (f"candidates {{ id: 'L2' created_at {LATE} }}", ["candidates[0].created_at"]),
        ("".join(f"candidates {{ id: 'C{n}' }} " for n in range(101)), ["candidates"]),
        (
            "provider_records { }",
            [f"provider_records[0].{name}" for name in ("provider", "source", "observed_at")],
        ),
        (
            f"provider_records {{ {RECORD} confidence {{ value: '1.1' }} }}",
            ["provider_records[0].confidence"],
        ),
        (f"provider_records {{ {RECORD} }} " * 21, ["provider_records"]),
        ("field_sources { field: 'lead.shoe_size' }", ["field_sources[0].field"]),
        (
            "field_sources { field: 'lead.title' } field_sources { field: 'lead.title' }",
            ["field_sources[1].field"],
        ),
        (
            f"field_sources {{ field: 'lead.title' observed_at {LATE} }}",
            ["field_sources[0].observed_at"],
        ),
        ("findings { }", ["findings"]),
    ],
)
def test_bad_facts_are_named(more: str, expected: list[str]) -> None:
    """Every fault is named by its path, and nothing else is."""
    assert broken(more) == expected


@pytest.mark.parametrize(
    "more",
    [
        "lead { country: 'Germany' email: 'no address' phone: 'call me' website: '?' }",
        "lead { company { country: 'somewhere' } }",
        "lead { email: '' }",
        "mail_exchange { domain: 'ACME.de' result: MAIL_EXCHANGE_RESULT_TIMED_OUT }",
        "candidates { id: 'L2' country: 'Allemagne' }",
    ],
)
def test_what_is_typed_badly_is_no_bad_question(more: str) -> None:
    """To find that out is what verification is for."""
    assert broken(more) == []
