"""The fields of a lead, as its message declares them: a new one is cleaned, judged and offered.

What is left out is named: ids, what a system records, and what we write ourselves.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.model.fields import descriptor_of
from dealgate.v1.lead_pb2 import Company, Lead

OURS = {"phone_extension", "country_text"}
RECORDED = {"id", "status", "lead_source", "created_at", "has_hard_bounced"}
STOPS = {"has_opted_out_of_email", "do_not_call"}
IN_COMPANY = "company."


def _names(message: Descriptor, without: AbstractSet[str]) -> Sequence[str]:
    return [
        field.name
        for field in message.fields
        if field.name not in without and not field.is_repeated
    ]


def _texts(message: Descriptor) -> Sequence[str]:
    fields = message.fields_by_name
    names = _names(message, OURS | RECORDED)
    return [name for name in names if fields[name].type == FieldDescriptor.TYPE_STRING]


_LEAD, _COMPANY = descriptor_of(Lead), descriptor_of(Company)
# What people type, by path, and how to read it of a lead.
TYPED: Mapping[str, Callable[[Lead], str]] = {
    f"lead.{path}": attrgetter(path)
    for path in (*_texts(_LEAD), *(f"{IN_COMPANY}{name}" for name in _texts(_COMPANY)))
}
# What a source may offer, by path.
ENRICHABLE: Sequence[str] = [
    *(f"lead.{name}" for name in _names(_LEAD, OURS | RECORDED | STOPS | {"company"})),
    *(f"lead.{IN_COMPANY}{name}" for name in _names(_COMPANY, RECORDED)),
]
