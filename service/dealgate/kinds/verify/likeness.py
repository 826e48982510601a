"""How alike two leads are, and the marks by which such leads are found."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage
from rapidfuzz.distance import JaroWinkler

from dealgate.kinds.verify.companies import company_core, company_similarity
from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.emails import comparable, email_finding, own_domain
from dealgate.kinds.verify.name_likeness import likeness
from dealgate.kinds.verify.names import person_name
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.placeholders import is_nobody, is_placeholder
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.model.points import millionths, plain
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

# At a school as at a consumer host, thousands of people have nothing else in common.
SHARED = (lead_pb2.EMAIL_DOMAIN_TYPE_FREE, lead_pb2.EMAIL_DOMAIN_TYPE_EDUCATION)


class Comparable:
    """A lead, reduced to what leads are compared by; "" is not known."""

    def __init__(self, lead: Lead, parameters: VerifyParameters, region: str | None) -> None:
        """`region` is where its phone is dialled, if neither it nor its country tells."""
        self._parameters = parameters

        def text(path: str, value: str) -> str:
            return "" if is_placeholder(path, value, parameters) else cleaned(value)

        email = email_finding(text("lead.email", lead.email), parameters)
        self.country = country_code(text("lead.country", lead.country), parameters)
        self._read_phone(text("lead.phone", lead.phone), lead, region)
        self.email = comparable(email, parameters)
        self.email_is_shared = bool(email.is_role_account) or (
            email.domain_type == lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE
        )
        self.domain = own_domain(email) or registrable(
            text("lead.company.domain", lead.company.domain)
        )
        self.domain_is_shared = email.domain_type in SHARED
        first = text("lead.first_name", lead.first_name)
        last = text("lead.last_name", lead.last_name)
        if is_nobody(lead, parameters):
            first = last = ""
        self.name = f"{first} {last}".strip().casefold()
        self.person = person_name(first, last)
        self.company = company_core(
            text("lead.company.name", lead.company.name), parameters.legal_forms
        )
        self.postal_code = _compact(text("lead.postal_code", lead.postal_code))

    def _read_phone(self, text: str, lead: Lead, region: str | None) -> None:
        words = self._parameters.phone_extension_words
        found = phone_finding(text, self.country or region, words) if text else pb.PhoneFinding()
        self.phone = found.e164
        self.extension = found.extension or lead.phone_extension
        self.phone_is_mobile = found.type == pb.PHONE_TYPE_MOBILE

    def against(self, other: "Comparable", identity: str) -> pb.CandidateFinding:
        """Return how the candidate `other` compares; what either lacks is left out."""
        names = likeness(self.person, other.person, self._parameters.nicknames)
        same_phone = _same(self.phone, other.phone)
        same_extension = _same(self.extension, other.extension) if same_phone else None
        same_email = _same(self.email, other.email)
        same_country = _same(self.country, other.country)
        finding = pb.CandidateFinding(
            id=identity,
            same_email=same_email,
            same_phone=same_phone,
            same_domain=self._same_domain(other),
            same_country=same_country,
            name_similarity=_decimal(name_similarity(self.name, other.name)),
            company_similarity=_decimal(company_similarity(self.company, other.company)),
            names=names or None,
            email_is_shared=(same_email and self.email_is_shared) or None,
            other_email=self._other_email(other),
            other_country=None if same_country is None else not same_country,
            same_postal_code=_same(self.postal_code, other.postal_code),
            same_company=_same(self.company, other.company),
        )
        if same_phone and same_extension is False:
            finding.other_extension = True
        elif same_phone and (self.phone_is_mobile or same_extension):
            finding.phone_is_personal = True
        return finding

    def marks(self) -> tuple[str, ...]:
        """Return what leads like this one are found by: hashes, so that nobody reads them.

        A name is found by each of its words, in whatever order and spelling they were typed.
        """
        domain = "" if self.domain_is_shared else self.domain
        blocks: list[tuple[str, list[str]]] = [
            ("email", [self.email]),
            ("phone", [self.phone]),
            ("company-postal", [self.company, self.postal_code]),
        ]
        words = sorted({min(forms) for forms in self.person.words if len(min(forms)) > 1})
        blocks += [("domain-name", [domain, word]) for word in words[:WORDS_MAX]]
        blocks += [("company-name", [self.company, word]) for word in words[:WORDS_MAX]]
        return tuple(mark(block, parts) for block, parts in blocks if all(parts))

    def account_marks(self) -> tuple[str, ...]:
        """Return what the accounts of leads like this one are found by."""
        domain = "" if self.domain_is_shared else self.domain
        blocks = [("account-domain", [domain]), ("account-name", [self.company])]
        return tuple(mark(block, parts) for block, parts in blocks if all(parts))

    def _same_domain(self, other: "Comparable") -> bool | None:
        if self.domain_is_shared or other.domain_is_shared:
            return None
        return _same(self.domain, other.domain)

    def _other_email(self, other: "Comparable") -> bool | None:
        if self.email_is_shared or other.email_is_shared:
            return None
        same = _same(self.email, other.email)
        return None if same is None else not same


# Names have few words; what has more is not one.
WORDS_MAX = 4


def name_similarity(text: str, other: str) -> Decimal | None:
    """Return the Jaro-Winkler similarity, to millionths; None if either is not known."""
    if not text or not other:
        return None
    return millionths(Decimal(JaroWinkler.similarity(text, other)))


def mark(block: str, parts: Iterable[str]) -> str:
    """Return what is found again by the same parts, and tells nobody what they are."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{block}:{digest[:32]}"


def _compact(postal_code: str) -> str:
    return postal_code.replace(" ", "").casefold()


def _same(text: str, other: str) -> bool | None:
    return text == other if text and other else None


def _decimal(number: Decimal | None) -> DecimalMessage | None:
    return None if number is None else DecimalMessage(value=plain(number))
