"""What an e-mail address is: syntax, domain, and who reads it."""

from functools import cache, lru_cache

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from tldextract import TLDExtract

from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

EDUCATION = ("edu", "ac")
GOVERNMENT = ("gov", "mil", "gouv", "gob")
GMAIL = ("gmail.com", "googlemail.com")


def email_finding(text: str, parameters: VerifyParameters) -> pb.EmailFinding:
    """Return what the address is, DNS and the lead's website aside."""
    try:
        # Not strict, the validator takes local parts of more than 64 octets.
        valid = validate_email(cleaned(text), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        return pb.EmailFinding(is_valid=False, problem=str(error))
    domain = valid.ascii_domain
    name, _, tag = valid.local_part.partition("+")
    return pb.EmailFinding(
        is_valid=True,
        normalized=_normalized(valid),
        domain=domain,
        registrable_domain=registrable(domain),
        domain_type=_domain_type(domain, parameters),
        is_role_account=name.casefold() in parameters.role_accounts,
        has_tag=bool(tag),
    )


def registrable(address: str) -> str:
    """Return the part of a domain or URL that can be registered; "" if there is none.

    Below what others rent out, such as github.io, each tenant's name is one of its own.
    """
    return _extract()(address.casefold().strip()).top_domain_under_public_suffix


def ascii_domain(email: str) -> str:
    """Return the domain to ask DNS about; "" if the address is not valid."""
    try:
        return validate_email(cleaned(email), check_deliverability=False, strict=True).ascii_domain
    except EmailNotValidError:
        return ""


def comparable(finding: pb.EmailFinding, parameters: VerifyParameters) -> str:
    """Return what two addresses of one person have in common; "" if it is not valid."""
    address = finding.normalized
    local, _, domain = address.rpartition("@")
    if parameters.fold_gmail and domain in GMAIL:
        return f"{local.partition('+')[0].replace('.', '')}@gmail.com"
    return address


def own_domain(finding: pb.EmailFinding) -> str:
    """Return the company's registrable domain; "" at a free, disposable or unknown one."""
    business = finding.domain_type not in {
        lead_pb2.EMAIL_DOMAIN_TYPE_FREE,
        lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE,
    }
    return finding.registrable_domain if business else ""


def _normalized(valid: ValidatedEmail) -> str:
    """Local parts may tell case apart by the standard; no mail host that people use does.

    Not casefold(): it would make straße.de another domain.
    """
    return f"{valid.local_part}@{valid.domain}".lower()


def _domain_type(domain: str, parameters: VerifyParameters) -> lead_pb2.EmailDomainType.ValueType:
    labels = domain.split(".")
    # A disposable service hands out subdomains too.
    parents = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    if not parents.isdisjoint(blocklist):
        return lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE
    if not parents.isdisjoint(parameters.free_domains):
        return lead_pb2.EMAIL_DOMAIN_TYPE_FREE
    suffix = _suffix(domain).split(".")
    if suffix[0] in EDUCATION:
        return lead_pb2.EMAIL_DOMAIN_TYPE_EDUCATION
    if suffix[0] in GOVERNMENT:
        return lead_pb2.EMAIL_DOMAIN_TYPE_GOVERNMENT
    return lead_pb2.EMAIL_DOMAIN_TYPE_BUSINESS


@lru_cache(4096)
def _suffix(domain: str) -> str:
    return _extract()(domain).suffix


@cache
def _extract() -> TLDExtract:
    # Offline: the list that the package ships, and no cache on disk.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
