"""Whose a domain is: a company's, a consumer host's, a school's, an authority's."""

from collections.abc import Set as AbstractSet
from functools import cache, lru_cache

from disposable_email_domains import blocklist
from rapidfuzz.distance import OSA
from tldextract import TLDExtract

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.v1 import lead_pb2

# Consumer hosts that so many type that a domain with one letter wrong is rather one of them.
OFTEN_TYPED = (
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "googlemail.com",
    "live.com",
    "aol.com",
    "web.de",
    "gmx.de",
    "gmx.net",
    "t-online.de",
    "orange.fr",
    "libero.it",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
)
# Hosts of their own, one letter beside those.
OF_THEIR_OWN = frozenset({"mail.com", "email.com", "ymail.com", "hmail.com", "mail.de", "wep.de"})
TYPED_WRONG = 5  # letters from which on a slip is more likely than another name


def domain_type(domain: str, parameters: VerifyParameters) -> lead_pb2.EmailDomainType.ValueType:
    """Return what kind of domain (in ASCII) it is."""
    parents = _parents(domain)
    if not parents.isdisjoint(parameters.business_domains):
        return lead_pb2.EMAIL_DOMAIN_TYPE_BUSINESS
    # A disposable service hands out subdomains too.
    if not parents.isdisjoint(blocklist):
        return lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE
    if _is_free(domain, parents, parameters):
        return lead_pb2.EMAIL_DOMAIN_TYPE_FREE
    if _is_school(domain, parents, parameters):
        return lead_pb2.EMAIL_DOMAIN_TYPE_EDUCATION
    if is_among(domain, parameters.government_domains):
        return lead_pb2.EMAIL_DOMAIN_TYPE_GOVERNMENT
    return lead_pb2.EMAIL_DOMAIN_TYPE_BUSINESS


@lru_cache(4096)
def is_among(domain: str, patterns: frozenset[str]) -> bool:
    """Tell whether the domain or one above it is listed: `gov`, `go.jp`, `yahoo.*`, `.gov.*`.

    `yahoo.*` is whatever is registered by that name, below any public suffix. With a dot before
    it, it is a public suffix itself: `.gov.*` is gov.uk and gov.au, and not gov.de.
    """
    labels = domain.split(".")
    parents = [".".join(labels[at:]) for at in range(len(labels))]
    if not patterns.isdisjoint(parents):
        return True
    for at, label in enumerate(labels[:-1]):
        rest = ".".join(labels[at + 1 :])
        if f"{label}.*" in patterns and _is_suffix(rest):
            return True
        if f".{label}.*" in patterns and _is_suffix(f"{label}.{rest}"):
            return True
    return False


@lru_cache(4096)
def registrable(address: str) -> str:
    """Return the part of a domain or URL that can be registered; "" if there is none.

    Below what others rent out, such as github.io, each tenant's name is one of its own.
    """
    return _extract()(address.casefold().strip()).top_domain_under_public_suffix


def has_known_suffix(domain: str) -> bool:
    """Tell whether its top-level domain is one that exists, by the list of public suffixes."""
    return bool(_suffix(domain))


@lru_cache(4096)
def likely_typed(domain: str) -> str:
    """Return the consumer host that was perhaps meant: gmial.com; "" if none is that near."""
    if domain in OFTEN_TYPED or domain in OF_THEIR_OWN:
        return ""
    near = [one for one in OFTEN_TYPED if len(one) > TYPED_WRONG and _is_slip(domain, one)]
    return near[0] if len(near) == 1 else ""


def _is_slip(typed: str, meant: str) -> bool:
    """One letter wrong, missing, too many or swapped, in the name or behind the dot."""
    name, _, suffix = typed.partition(".")
    right, _, right_suffix = meant.partition(".")
    if name == right:
        # yahoo.fr is a host of its own; gmail.con and gmail.co are not.
        return OSA.distance(suffix, right_suffix) == 1 and name in {"gmail", "hotmail", "icloud"}
    near = OSA.distance(name, right) == 1 and len(right) >= TYPED_WRONG
    return near and suffix == right_suffix


def _is_free(domain: str, parents: AbstractSet[str], parameters: VerifyParameters) -> bool:
    if parameters.known_free_domains and not parents.isdisjoint(lists.free_domains()):
        return True
    return is_among(domain, parameters.free_domains)


def _is_school(domain: str, parents: AbstractSet[str], parameters: VerifyParameters) -> bool:
    if parameters.known_school_domains and not parents.isdisjoint(lists.school_domains()):
        return True
    return is_among(domain, parameters.education_domains)


def _parents(domain: str) -> AbstractSet[str]:
    labels = domain.split(".")
    return {".".join(labels[start:]) for start in range(len(labels) - 1)}


def _is_suffix(rest: str) -> bool:
    return _suffix(f"x.{rest}") == rest


@lru_cache(4096)
def _suffix(domain: str) -> str:
    return _extract()(domain).suffix


@cache
def _extract() -> TLDExtract:
    # Offline: the list that the package ships, and no cache on disk.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
