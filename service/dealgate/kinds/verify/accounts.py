"""Which account a lead belongs to, of those the caller brings or leads verified before had."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.verify.companies import company_core, company_similarity
from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.duplicates import tier_of
from dealgate.kinds.verify.emails import own_domain
from dealgate.kinds.verify.regions import region_finding
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.kinds.verify.verdicts import Claim
from dealgate.model.points import plain
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

# Thousands of companies have an address at such a domain, or none of their own.
NO_COMPANY = (lead_pb2.EMAIL_DOMAIN_TYPE_FREE, lead_pb2.EMAIL_DOMAIN_TYPE_DISPOSABLE)


class Belonging:
    """A lead, reduced to what tells its account."""

    def __init__(self, facts: pb.VerifyFacts, parameters: VerifyParameters) -> None:
        self._parameters = parameters
        lead, findings = facts.lead, facts.findings
        missing = frozenset(findings.placeholders)
        domains = {own_domain(findings.email)}
        for path, value in (
            ("lead.company.domain", lead.company.domain),
            ("lead.website", lead.website),
        ):
            domains.add("" if path in missing else registrable(cleaned(value)))
        self._domains = {parameters.domain_aliases.get(one, one) for one in domains if one}
        name = "" if "lead.company.name" in missing else lead.company.name
        self._name = company_core(name, parameters.legal_forms)
        own = "" if findings.country.source == pb.VALUE_SOURCE_INFERRED else findings.country.code
        self._country = country_code(lead.company.country, parameters) or own
        self._postal_code = findings.region.postal_code
        self._city = cleaned(lead.city).casefold()
        self._account = lead.company.id

    def findings(self, accounts: Sequence[pb.AccountCandidate]) -> list[pb.AccountFinding]:
        """Return how each account compares; what either lacks is left out."""
        holds = {account.id: self._holds_domain(account) for account in accounts}
        above = {
            parent
            for account in accounts
            if holds[account.id]
            for parent in ancestors(account, accounts)
        }
        return [
            self._finding(account, holds[account.id], account.id in above) for account in accounts
        ]

    def _finding(
        self,
        account: pb.AccountCandidate,
        same_domain: bool | None,  # noqa: FBT001
        is_above: bool,  # noqa: FBT001
    ) -> pb.AccountFinding:
        forms = self._parameters.legal_forms
        names = [company_core(name, forms) for name in (account.name, *account.other_names)]
        alike = [
            account_finding
            for name in names
            if (account_finding := company_similarity(self._name, name))
        ]
        known = [name for name in names if name]
        country = country_code(account.country, self._parameters)
        return pb.AccountFinding(
            id=account.id,
            same_domain=same_domain,
            is_parent_of_match=is_above or None,
            same_name=self._name in known if self._name and known else None,
            name_similarity=DecimalMessage(value=plain(max(alike))) if alike else None,
            same_country=country == self._country if country and self._country else None,
            same_place=self._same_place(account, country),
            is_named=account.id == self._account if self._account else None,
        )

    def _holds_domain(self, account: pb.AccountCandidate) -> bool | None:
        aliases = self._parameters.domain_aliases
        own = {registrable(cleaned(domain)) for domain in account.domains} - {""}
        if not own or not self._domains:
            return None
        return not self._domains.isdisjoint(aliases.get(one, one) for one in own)

    def _same_place(self, account: pb.AccountCandidate, country: str) -> bool | None:
        code = region_finding(country or self._country, "", account.postal_code).postal_code
        if code and self._postal_code:
            return code == self._postal_code
        city = cleaned(account.city).casefold()
        return city == self._city if city and self._city else None


def belongs_to(
    facts: pb.VerifyFacts, claims: Sequence[Claim], parameters: VerifyParameters
) -> list[pb.LeadAccount]:
    """Return the accounts that match, the surest first, then by id.

    Of two that are equally sure and not one above the other, neither is certain.
    """
    matches = [_match(at, facts, claims, parameters) for at in range(len(facts.accounts))]
    kept = sorted(
        (one for one in matches if one.tier),
        key=lambda item: (-Decimal(item.score.value or 0), item.id),
    )
    best = [one for one in kept if one.tier == pb.DUPLICATE_TIER_AUTO]
    if len(best) > 1 and best[0].score.value == best[1].score.value:
        for one in best:
            if one.score.value == best[0].score.value:
                one.tier = pb.DUPLICATE_TIER_REVIEW
    return kept


def certain(accounts: Sequence[pb.LeadAccount]) -> str:
    """Return the account that the lead belongs to; "" if none is certain."""
    return next((account.id for account in accounts if account.tier == pb.DUPLICATE_TIER_AUTO), "")


def ancestors(
    account: pb.AccountCandidate, accounts: Sequence[pb.AccountCandidate]
) -> Iterator[str]:
    """Yield the ids above an account, the nearest first, as far as they are known."""
    parents: Mapping[str, str] = {one.id: one.parent_id for one in accounts}
    seen, above = {account.id}, account.parent_id
    while above and above not in seen:
        yield above
        seen.add(above)
        above = parents.get(above, "")


def _match(
    index: int, facts: pb.VerifyFacts, claims: Sequence[Claim], parameters: VerifyParameters
) -> pb.LeadAccount:
    account = facts.accounts[index]
    speaking = [
        claim for claim in claims if claim.effect.account is not None and index in claim.elements
    ]
    known = [one for one in speaking if not one.is_open]
    best = max((one.effect.account for one in known if one.effect.account), default=None)
    is_open = any(one.is_open for one in speaking)
    top = [*ancestors(account, facts.accounts)]
    return pb.LeadAccount(
        id=account.id,
        score=None if best is None else DecimalMessage(value=plain(best)),
        tier=tier_of(best, parameters.account_tiers, is_open=is_open),
        rule_ids=[one.rule_id for one in known or speaking],
        codes=[one.effect.code for one in known or speaking],
        ultimate_parent_id=top[-1] if top else None,
    )
