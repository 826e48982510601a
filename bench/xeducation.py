"""The leads of X Education: 9,240 people who looked at courses, and whether they bought one.

The columns that were filled in after sales had talked to the lead are not read: Tags, Lead
Quality, Lead Profile, Last Activity, Last Notable Activity and all Asymmetrique ones. They know
the answer. The file has no dates, so every lead is judged at the moment of its last visit.
"""

import csv
import datetime as dt
from functools import cache
from pathlib import Path
from typing import TypeAlias

from babel import Locale

from dealgate_client import (
    Activity,
    ActivityType,
    Company,
    Duration,
    Industry,
    JobFunction,
    Lead,
    LeadScores,
    LeadSource,
    QualifyFacts,
    Relationship,
    ScoreFacts,
    ScoreOutcome,
    Seniority,
    timestamp,
)

Row: TypeAlias = dict[str, str]

AS_OF = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
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


def read(folder: Path) -> list[Row]:
    """Return the rows of Leads.csv."""
    with (folder / "leads_xeducation" / "Leads.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def converted(row: Row) -> bool:
    """Tell whether the lead bought."""
    return row["Converted"] == "1"


def recorded(row: Row) -> ScoreFacts:
    """Return what the file says, dirt included: visits counted as 0, names that are no country."""
    return ScoreFacts(lead=_lead(row), activities=_activities(row), relationship=_relationship(row))


def cleaned(row: Row) -> ScoreFacts:
    """Return the same without what cannot be: a visit that did not happen, a country not known."""
    facts = recorded(row)
    if len(facts.lead.country) != 2:
        facts.lead.ClearField("country")
    happened = [activity for activity in facts.activities if activity.count != 0]
    del facts.activities[:]
    facts.activities.extend(happened)
    return facts


def to_qualify(row: Row, outcome: ScoreOutcome) -> QualifyFacts:
    """Return the cleaned facts with the scores they were given."""
    facts = cleaned(row)
    scores = LeadScores(engagement=outcome.engagement)
    if outcome.fit_is_known:
        scores.fit, scores.composite = outcome.fit, outcome.composite
    return QualifyFacts(
        lead=facts.lead,
        activities=facts.activities,
        relationship=facts.relationship,
        scores=scores,
    )


def _lead(row: Row) -> Lead:
    special = row["Specialization"]
    return Lead(
        id=row["Prospect ID"],
        lead_source=SOURCES.get(row["Lead Source"]),
        country=_country(row["Country"]),
        city=_known(row["City"]),
        has_opted_out_of_email=row["Do Not Email"] == "Yes",
        do_not_call=row["Do Not Call"] == "Yes",
        job_function=FUNCTIONS.get(special),
        seniority=SENIORITIES.get(row["What is your current occupation"]),
        company=Company(industry=INDUSTRIES.get(special)),
    )


def _relationship(row: Row) -> Relationship:
    occupation = _known(row["What is your current occupation"])
    return Relationship(is_student=occupation == "Student" if occupation else None)


def _activities(row: Row) -> list[Activity]:
    at = timestamp(AS_OF)
    found = []
    if row["TotalVisits"]:
        seconds = int(row["Total Time Spent on Website"])
        kind, visits = ActivityType.ACTIVITY_TYPE_WEBSITE_VISIT, int(row["TotalVisits"])
        spent = Duration(seconds=seconds)
        found.append(Activity(id="visits", type=kind, at=at, count=visits, duration=spent))
    if row["Lead Source"] in {"Olark Chat", "Live Chat"}:
        found.append(Activity(id="chat", type=ActivityType.ACTIVITY_TYPE_CHAT, at=at))
    if row["A free copy of Mastering The Interview"] == "Yes":
        found.append(Activity(id="book", type=ActivityType.ACTIVITY_TYPE_WHITEPAPER, at=at))
    return found


def _known(value: str) -> str | None:
    return None if value in MISSING else value


def _country(name: str) -> str | None:
    """Return the ISO code, or the name itself if it is no country's."""
    return _codes().get(name, _known(name))


@cache
def _codes() -> dict[str, str]:
    named = {name: code for code, name in Locale("en").territories.items() if len(code) == 2}
    return {**named, "Hong Kong": "HK", "Russia": "RU"}
