"""A field that is added to leads is cleaned, judged and offered, unless somebody says why not."""

from dealgate.kinds.verify.fields import ENRICHABLE, TYPED
from dealgate.v1.lead_pb2 import Lead


def test_what_people_type_is_every_text_of_a_lead() -> None:
    """But ids, what a system records, and the forms that we write ourselves."""
    typed = {path.removeprefix("lead.") for path in TYPED} & {*Lead.DESCRIPTOR.fields_by_name}
    assert {"first_name", "email", "state", "postal_code"} <= typed
    assert not {"id", "country_text", "phone_extension"} & typed
    assert list(TYPED)[-3:] == ["lead.company.name", "lead.company.domain", "lead.company.country"]


def test_no_source_offers_what_only_we_can_know() -> None:
    """Whether somebody wants to be called, or what bounced, is for our own system to say."""
    ours = {"lead.do_not_call", "lead.has_opted_out_of_email", "lead.has_hard_bounced", "lead.id"}
    assert not ours & set(ENRICHABLE)
    assert {*TYPED} <= {*ENRICHABLE}
    assert "lead.company.employees" in ENRICHABLE
