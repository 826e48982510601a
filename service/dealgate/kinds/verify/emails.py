"""What an e-mail address is: syntax, domain, and who reads it."""

import re
from functools import cache, lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.addresses import address_in, holds_several
from dealgate.kinds.verify.domains import (
    domain_type,
    has_known_suffix,
    likely_typed,
    registrable,
)
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

SEVERAL = "holds several addresses; give one"
GMAIL = ("gmail.com", "googlemail.com")
SEPARATED = re.compile(r"[._\-]+|(?<=[a-z])\d+$")
# Domains at which an address tells nothing of a company.
NO_COMPANY = frozenset(
    {
        lead_pb2.EMAIL_DOMAIN_TYPE_FREE,
        lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE,
    }
)


def email_finding(text: str, parameters: VerifyParameters) -> pb.EmailFinding:
    """Return what the address is, DNS and the lead's website aside."""
    valid = _validated(address_in(text))
    if isinstance(valid, str):
        problem = SEVERAL if holds_several(text) else valid
        return pb.EmailFinding(is_valid=False, problem=problem)
    domain = valid.ascii_domain
    name, _, tag = valid.local_part.partition("+")
    return pb.EmailFinding(
        is_valid=True,
        normalized=_normalized(valid),
        domain=domain,
        registrable_domain=registrable(domain),
        domain_type=domain_type(domain, parameters),
        is_role_account=is_role(name, parameters),
        has_tag=bool(tag),
        has_known_suffix=has_known_suffix(domain),
        suggested_domain=likely_typed(domain) or None,
    )


def ascii_domain(email: str) -> str:
    """Return the domain to ask DNS about; "" if the address is not valid."""
    valid = _validated(address_in(email))
    return "" if isinstance(valid, str) else valid.ascii_domain


@lru_cache(1024)
def _validated(text: str) -> ValidatedEmail | str:
    """Return the address, or why it is not valid: cached, as a question asks several times."""
    try:
        # Not strict, the validator takes local parts of more than 64 octets.
        return validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        return str(error)


def is_role(local: str, parameters: VerifyParameters) -> bool:
    """Tell whether nobody in particular reads it: sales@, no.reply@, sales-emea@, info2@.

    A role is the whole name, however it is separated, or what it begins with; but jobs.steve@ is
    read by Steve.
    """
    return not _role_forms(local.casefold()).isdisjoint(parameters.role_accounts)


@lru_cache(1024)
def _role_forms(name: str) -> frozenset[str]:
    """Return how a role of that name may be listed."""
    words = [word for word in SEPARATED.split(name) if word]
    forms = {name, "".join(words), "-".join(words)}
    if _given_names().isdisjoint(words[1:]):
        forms.update(words[:1])
    return frozenset(forms)


@cache
def _given_names() -> frozenset[str]:
    """Return names that are longer than codes of countries, which follow roles too: sales.de@."""
    known = {*lists.nicknames(), *(one for names in lists.nicknames().values() for one in names)}
    return frozenset(name for name in known if len(name) > len("de"))


def comparable(finding: pb.EmailFinding, parameters: VerifyParameters) -> str:
    """Return what two addresses of one person have in common; "" if it is not valid."""
    local, _, domain = finding.normalized.rpartition("@")
    if parameters.fold_gmail and domain in GMAIL:
        return f"{local.partition('+')[0].replace('.', '')}@gmail.com"
    separator = parameters.tag_separators.get(domain)
    if separator is not None:
        local = local.partition(separator)[0] or local
    return f"{local}@{domain}" if domain else ""


def own_domain(finding: pb.EmailFinding) -> str:
    """Return the company's registrable domain; "" at a free, disposable or unknown one."""
    return "" if finding.domain_type in NO_COMPANY else finding.registrable_domain


def _normalized(valid: ValidatedEmail) -> str:
    """Local parts may tell case apart by the standard; no mail host that people use does.

    Not casefold(): it would make straße.de another domain.
    """
    return f"{valid.local_part}@{valid.domain}".lower()
