"""What a job title says: how senior, and what the person works on."""

import re
from collections.abc import Mapping
from typing import TypeVar

from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

Found = TypeVar("Found")

STUDENT = re.compile(r"\b(student|studentin|étudiante?|undergraduate|phd candidate)\b")
# The first that matches wins: a vice president is no president, an assistant to one neither.
SENIORITY: Mapping[str, lead_pb2.Seniority.ValueType] = {
    r"\b(intern|trainee|werkstudent|praktikant(in)?|apprentice)\b": lead_pb2.SENIORITY_INTERN,
    r"\b(assistant|assistent(in)?|secretary) (to|of|der|des)\b": (
        lead_pb2.SENIORITY_INDIVIDUAL_CONTRIBUTOR
    ),
    r"\b(vp|svp|evp|avp|vice[ -]president)\b": lead_pb2.SENIORITY_VP,
    r"\bc[a-z]{1,3}o\b|\bchief\b|\b(co-?)?founder\b|\bowner\b|\bpresident\b|\bgeschäftsführer": (
        lead_pb2.SENIORITY_C_LEVEL
    ),
    r"\b(managing director|partner)\b": lead_pb2.SENIORITY_C_LEVEL,
    r"\b(director|head of|leiter(in)?|directeur|directrice)\b|leiter(in)?\b": (
        lead_pb2.SENIORITY_DIRECTOR
    ),
    r"\b(consultant|berater(in)?|freelance)\b": lead_pb2.SENIORITY_CONSULTANT,
    r"\b(manager|lead|supervisor|teamlead)\b": lead_pb2.SENIORITY_MANAGER,
    r"\b(engineer|developer|analyst|specialist|representative|associate|administrator|"
    r"coordinator|assistant|accountant|designer|recruiter|architect)\b": (
        lead_pb2.SENIORITY_INDIVIDUAL_CONTRIBUTOR
    ),
}
JOB_FUNCTION: Mapping[str, lead_pb2.JobFunction.ValueType] = {
    r"\b(security|ciso|infosec)\b": lead_pb2.JOB_FUNCTION_SECURITY,
    r"\b(data|analytics|bi|cdo|analyst)\b": lead_pb2.JOB_FUNCTION_DATA,
    r"\b(it|information technology|cio|sysadmin|system administrator)\b": (
        lead_pb2.JOB_FUNCTION_IT
    ),
    r"\b(procurement|purchasing|buyer|einkauf|cpo procurement)\b": (
        lead_pb2.JOB_FUNCTION_PROCUREMENT
    ),
    r"\b(support|customer success|customer service)\b": lead_pb2.JOB_FUNCTION_SUPPORT,
    r"\b(marketing|cmo|brand|demand generation)\b": lead_pb2.JOB_FUNCTION_MARKETING,
    r"\b(sales|account executive|cro|vertrieb|business development)\b": (
        lead_pb2.JOB_FUNCTION_SALES
    ),
    r"\b(product)\b": lead_pb2.JOB_FUNCTION_PRODUCT,
    r"\b(finance|cfo|accounting|accountant|controller|treasurer)\b": (
        lead_pb2.JOB_FUNCTION_FINANCE
    ),
    r"\b(legal|counsel|lawyer|attorney)\b": lead_pb2.JOB_FUNCTION_LEGAL,
    r"\b(hr|human resources|people|recruiter|recruiting|talent|chro)\b": (
        lead_pb2.JOB_FUNCTION_HUMAN_RESOURCES
    ),
    r"\b(operations|coo|revops|logistics|supply chain)\b": lead_pb2.JOB_FUNCTION_OPERATIONS,
    r"\b(engineer|engineering|developer|cto|software|devops|architect)\b": (
        lead_pb2.JOB_FUNCTION_ENGINEERING
    ),
    r"\b(teacher|professor|lecturer|research)\b": lead_pb2.JOB_FUNCTION_EDUCATION,
    r"\b(ceo|founder|owner|president|managing director|general manager)\b|\bgeschäftsführer": (
        lead_pb2.JOB_FUNCTION_EXECUTIVE
    ),
}


def title_finding(text: str) -> pb.TitleFinding:
    """Return what the title says; what it does not say is unset, and not a guess."""
    title = cleaned(text).casefold()
    return pb.TitleFinding(
        seniority=_first(title, SENIORITY),
        job_function=_first(title, JOB_FUNCTION),
        is_student=bool(STUDENT.search(title)),
    )


def _first(title: str, patterns: Mapping[str, Found]) -> Found | None:
    return next((found for words, found in patterns.items() if re.search(words, title)), None)
