"""Claims about text that shows nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.texts import shows, told
from dealgate.v1.lead_pb2 import Company, Lead
from dealgate.v1.verify_pb2 import VerifyFacts

BLANKS = {
    "space": " ",
    "tab": "\t",
    "newline": "\r\n",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "zero-width space": "\u200b",
    "byte order mark": "\ufeff",
    "joiners": "\u200d\u200c",
    "directions": "\u200f\u202e",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u3164",
    "Braille's empty cell": "\u2800",
    "variation selector": "\ufe0f",
    "null": "\x00",
    "several": " \t\u200b\u3000\n",
    "empty": "",
}


@pytest.mark.parametrize("text", BLANKS.values(), ids=BLANKS)
def test_blank_text_shows_nothing(text: str) -> None:
    """Finding L-13: tabs, no-break and zero-width characters passed for a next step."""
    assert not shows(text)
    assert shows(f"{text}a{text}")


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "-",
        "0",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "日",
        "\U0001f468\u200d\U0001f469",
        "\u0301",
    ],
)
def test_whatever_has_a_glyph_shows_something(text: str) -> None:
    """Letters of any script, signs and symbols, whatever stands between them."""
    assert shows(text)


def test_blank_facts_are_not_told() -> None:
    """At any depth, in lists too; what else was told stays, and the caller's facts as they were."""
    sent = VerifyFacts(lead=Lead(id="L1", title="\t", company=Company(name=" ", domain="a.de")))
    sent.lead.company.technologies.extend(["sap", "\u200b"])
    sent.candidates.add(id="L2", city="\ufeff")
    before = sent.SerializeToString(deterministic=True)
    company = Company(domain="a.de", technologies=["sap"])
    assert told(sent) == VerifyFacts(
        lead=Lead(id="L1", company=company), candidates=[Lead(id="L2")]
    )
    assert sent.SerializeToString(deterministic=True) == before


@given(st.text(), st.text())
def test_it_is_told_once(first: str, last: str) -> None:
    """Whatever is typed: told again, nothing changes, and each text is there if it shows."""
    lead = told(Lead(first_name=first, last_name=last))
    assert told(lead) is lead
    assert (lead.first_name, lead.last_name) == tuple(
        text if shows(text) else "" for text in (first, last)
    )
    assert lead.HasField("first_name") == shows(first)
