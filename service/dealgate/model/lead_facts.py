"""A lead as rules see it: what an export writes for "not known" is not known.

Most systems write 0 for a number that nobody entered, and lists as one text. Rules that read
those literally would call a company small, and miss a product that it uses.
"""

import re

from dealgate.v1.lead_pb2 import Lead, LeadHistory

SEPARATORS = re.compile(r"[,;|\n]")


def read_lead(lead: Lead) -> None:
    """Take out of the lead, in place, what says nothing, and part what says several things."""
    if not lead.HasField("company"):
        return
    company = lead.company
    if not company.employees and company.HasField("employees"):
        company.ClearField("employees")
    revenue = company.annual_revenue
    if not (revenue.units or revenue.nanos) and company.HasField("annual_revenue"):
        company.ClearField("annual_revenue")
    technologies = company.technologies
    if technologies:
        named = [name.strip().lower() for text in technologies for name in _parts(text)]
        del technologies[:]
        technologies.extend(dict.fromkeys(filter(None, named)))


def read_history(history: LeadHistory) -> None:
    """Write codes as rule sets do; blank ones are left out."""
    if history.HasField("rejection_code"):
        code = history.rejection_code.strip().upper()
        if code:
            history.rejection_code = code
        else:
            history.ClearField("rejection_code")


def _parts(text: str) -> list[str]:
    return SEPARATORS.split(text)
