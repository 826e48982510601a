"""How alike two leads are, and the marks by which such leads are found."""

import hashlib
import re
from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_set_ratio

from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.emails import comparable, email_finding, own_domain
from dealgate.kinds.verify.phones import phone_finding
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned, is_placeholder
from dealgate.model.points import millionths, plain
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

# Legal forms say nothing of who a company is; several may stand in a row: "S.A. de C.V.".
LEGAL_FORM = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|llc|llp|lp|ltd|limited|plc|gmbh|mbh|ag|kg|"
    r"kgaa|ohg|ug|se|ev|sa|sas|sarl|srl|spa|sl|bv|nv|ab|as|oy|oyj|aps|sro|doo|kk|pty|pte|"
    r"de cv|sa de cv)\b"
)
SIGNS = re.compile(r"[^\w\s]")


class Comparable:
    """A lead, reduced to what leads are compared by; "" is not known."""

    def __init__(self, lead: Lead, parameters: VerifyParameters, region: str | None) -> None:
        """`region` is where its phone is dialled, if neither it nor its country tells."""

        def text(value: str) -> str:
            return "" if is_placeholder(value, parameters.placeholders) else cleaned(value)

        email = email_finding(text(lead.email), parameters)
        self.country = country_code(text(lead.country), parameters.country_names)
        phone = text(lead.phone) and phone_finding(text(lead.phone), self.country or region)
        self.email = comparable(email, parameters)
        self.domain = own_domain(email)
        self.phone = phone.e164 if phone else ""
        self.last_name = text(lead.last_name).casefold()
        self.name = f"{text(lead.first_name)} {text(lead.last_name)}".strip().casefold()
        self.company = company_core(text(lead.company.name))
        self.postal_code = text(lead.postal_code).replace(" ", "").casefold()

    def against(self, other: "Comparable", identity: str) -> pb.CandidateFinding:
        """Return how the candidate `other` compares; what either lacks is left out."""
        return pb.CandidateFinding(
            id=identity,
            same_email=_same(self.email, other.email),
            same_phone=_same(self.phone, other.phone),
            same_domain=_same(self.domain, other.domain),
            same_country=_same(self.country, other.country),
            name_similarity=_decimal(name_similarity(self.name, other.name)),
            company_similarity=_decimal(company_similarity(self.company, other.company)),
        )

    def marks(self) -> tuple[str, ...]:
        """Return what leads like this one are found by: hashes, so that nobody reads them."""
        blocks = {
            "email": [self.email],
            "phone": [self.phone],
            "domain-name": [self.domain, self.last_name],
            "company-postal": [self.company, self.postal_code],
        }
        return tuple(_mark(block, parts) for block, parts in blocks.items() if all(parts))


def name_similarity(one: str, other: str) -> Decimal | None:
    """Return the Jaro-Winkler similarity, to millionths; None if either is not known."""
    if not one or not other:
        return None
    return millionths(Decimal(JaroWinkler.similarity(one, other)))


def company_similarity(one: str, other: str) -> Decimal | None:
    """Return the token-set similarity of two cores of names; None if either is not known."""
    if not one or not other:
        return None
    return millionths(Decimal(token_set_ratio(one, other)) / 100)


def company_core(name: str) -> str:
    """Return a company's name without signs and legal forms, in lower case.

    "Foo S.A. de C.V." is "foo". A name that is nothing but such words stays as it is.
    """
    bare = cleaned(SIGNS.sub(" ", name.casefold().replace(".", "")))
    core = cleaned(LEGAL_FORM.sub(" ", bare))
    return core or bare


def _same(one: str, other: str) -> bool | None:
    return one == other if one and other else None


def _decimal(number: Decimal | None) -> DecimalMessage | None:
    return None if number is None else DecimalMessage(value=plain(number))


def _mark(block: str, parts: list[str]) -> str:
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{block}:{digest[:32]}"
