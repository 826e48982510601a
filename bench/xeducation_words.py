"""X Education's words in the contracts' own."""

from functools import cache

from babel import Locale

from dealgate_client import Industry, JobFunction, LeadSource, Seniority

MISSING = ("", "Select")
SOURCES = {
    "Google": LeadSource.LEAD_SOURCE_ORGANIC_SEARCH,
    "google": LeadSource.LEAD_SOURCE_ORGANIC_SEARCH,
    "bing": LeadSource.LEAD_SOURCE_ORGANIC_SEARCH,
    "Organic Search": LeadSource.LEAD_SOURCE_ORGANIC_SEARCH,
    "Pay per Click Ads": LeadSource.LEAD_SOURCE_PAID_SEARCH,
    "Direct Traffic": LeadSource.LEAD_SOURCE_DIRECT,
    "Olark Chat": LeadSource.LEAD_SOURCE_CHAT,
    "Live Chat": LeadSource.LEAD_SOURCE_CHAT,
    "Reference": LeadSource.LEAD_SOURCE_CUSTOMER_REFERRAL,
    "Welingak Website": LeadSource.LEAD_SOURCE_PARTNER_REFERRAL,
    "Referral Sites": LeadSource.LEAD_SOURCE_REFERRAL_SITE,
    "Facebook": LeadSource.LEAD_SOURCE_SOCIAL,
    "Social Media": LeadSource.LEAD_SOURCE_SOCIAL,
    "Click2call": LeadSource.LEAD_SOURCE_PHONE_INQUIRY,
}
FUNCTIONS = {
    "Business Administration": JobFunction.JOB_FUNCTION_EXECUTIVE,
    "Finance Management": JobFunction.JOB_FUNCTION_FINANCE,
    "Human Resource Management": JobFunction.JOB_FUNCTION_HUMAN_RESOURCES,
    "IT Projects Management": JobFunction.JOB_FUNCTION_IT,
    "Marketing Management": JobFunction.JOB_FUNCTION_MARKETING,
    "Operations Management": JobFunction.JOB_FUNCTION_OPERATIONS,
    "Supply Chain Management": JobFunction.JOB_FUNCTION_OPERATIONS,
}
INDUSTRIES = {
    "Banking, Investment And Insurance": Industry.INDUSTRY_BANKING,
    "E-Business": Industry.INDUSTRY_TECHNOLOGY,
    "E-COMMERCE": Industry.INDUSTRY_RETAIL,
    "Healthcare Management": Industry.INDUSTRY_HEALTHCARE,
    "Hospitality Management": Industry.INDUSTRY_HOSPITALITY,
    "Media and Advertising": Industry.INDUSTRY_MEDIA,
    "Retail Management": Industry.INDUSTRY_RETAIL,
    "Rural and Agribusiness": Industry.INDUSTRY_AGRICULTURE,
    "Travel and Tourism": Industry.INDUSTRY_TRANSPORTATION,
}
SENIORITIES = {
    "Businessman": Seniority.SENIORITY_C_LEVEL,
    "Working Professional": Seniority.SENIORITY_INDIVIDUAL_CONTRIBUTOR,
}


def known(value: str) -> str | None:
    """Return a value, or None for what the file writes instead of one."""
    return None if value in MISSING else value


def country(name: str) -> str | None:
    """Return the ISO code, or the name itself if it is no country's."""
    return _codes().get(name, known(name))


@cache
def _codes() -> dict[str, str]:
    named = {name: code for code, name in Locale("en").territories.items() if len(code) == 2}
    return {**named, "Hong Kong": "HK", "Russia": "RU"}
