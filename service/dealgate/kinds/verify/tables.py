"""Tables that decide, as a rule set writes them, and what earlier rule sets decide by.

A rule set of today brings its own (`rules/verify/README.md` says how to change each); these are
for versions that were released before it could.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from dealgate.model.terms import Terms

SeniorityName = Literal[
    "SENIORITY_C_LEVEL",
    "SENIORITY_VP",
    "SENIORITY_DIRECTOR",
    "SENIORITY_MANAGER",
    "SENIORITY_INDIVIDUAL_CONTRIBUTOR",
    "SENIORITY_INTERN",
    "SENIORITY_CONSULTANT",
]
FunctionName = Literal[
    "JOB_FUNCTION_EXECUTIVE",
    "JOB_FUNCTION_ENGINEERING",
    "JOB_FUNCTION_IT",
    "JOB_FUNCTION_SECURITY",
    "JOB_FUNCTION_PRODUCT",
    "JOB_FUNCTION_DATA",
    "JOB_FUNCTION_OPERATIONS",
    "JOB_FUNCTION_SALES",
    "JOB_FUNCTION_MARKETING",
    "JOB_FUNCTION_FINANCE",
    "JOB_FUNCTION_PROCUREMENT",
    "JOB_FUNCTION_LEGAL",
    "JOB_FUNCTION_HUMAN_RESOURCES",
    "JOB_FUNCTION_SUPPORT",
    "JOB_FUNCTION_EDUCATION",
    "JOB_FUNCTION_OTHER",
]
Phrases = frozenset[Annotated[str, Field(min_length=1, max_length=100)]]


class Titles(Terms):
    """What the words of a job title say.

    Phrases are compared without case, accents and signs. `*` stands for one to four words, or
    for any letters where it touches some: `chief * officer`, `*leiter`. Of phrases that overlap
    the longer one counts, so that a product owner owns nothing.
    """

    seniority: Mapping[SeniorityName, Phrases] = Field(
        description="Phrases by what they mean; of several that a title holds the first counts"
    )
    alone: Mapping[SeniorityName, Phrases] = Field(
        default_factory=dict, description="Phrases that are valid only by themselves"
    )
    heads: Mapping[SeniorityName, Phrases] = Field(
        default_factory=dict, description="Phrases that say so only at the end of a part"
    )
    functions: Mapping[FunctionName, Phrases] = Field(
        description="Phrases by what a person works on; of one part of a title the last counts"
    )
    students: Phrases = Field(
        default=frozenset(), description="Who studies, if it is what the person is: MBA student"
    )
    past: Phrases = Field(
        default=frozenset(), description="What follows is over: former, ex, ehemaliger"
    )
    serves: Phrases = Field(
        default=frozenset(), description="What follows is somebody else: assistant to"
    )
    says_nothing: Phrases = Field(
        default=frozenset(), description="Phrases whose words mean nothing here: partner program"
    )


TITLES = Titles(
    seniority={
        "SENIORITY_INTERN": frozenset(
            {"intern", "trainee", "werkstudent", "praktikant", "praktikantin", "apprentice"}
        ),
        "SENIORITY_VP": frozenset({"vp", "svp", "evp", "avp", "vice president"}),
        "SENIORITY_C_LEVEL": frozenset(
            {
                *("ceo", "cfo", "coo", "cto", "cio", "cmo", "cro", "cpo", "cdo", "cso", "ciso"),
                *("chro", "chief * officer", "founder", "co founder", "president"),
                *("geschäftsführer*", "managing director", "managing partner"),
            }
        ),
        "SENIORITY_DIRECTOR": frozenset(
            {"director", "head of", "*leiter", "*leiterin", "directeur", "directrice"}
        ),
        "SENIORITY_CONSULTANT": frozenset(
            {"consultant", "berater", "beraterin", "freelance", "freelancer"}
        ),
        "SENIORITY_MANAGER": frozenset({"manager", "team lead", "supervisor", "teamlead"}),
        "SENIORITY_INDIVIDUAL_CONTRIBUTOR": frozenset(
            {
                *("engineer", "developer", "analyst", "specialist", "representative", "associate"),
                *("administrator", "coordinator", "assistant", "accountant", "designer"),
                *("recruiter", "architect", "product owner"),
            }
        ),
    },
    alone={"SENIORITY_C_LEVEL": frozenset({"owner", "partner"})},
    functions={
        "JOB_FUNCTION_SECURITY": frozenset({"security", "ciso", "infosec"}),
        "JOB_FUNCTION_DATA": frozenset({"data", "analytics", "bi", "cdo"}),
        "JOB_FUNCTION_IT": frozenset(
            {"it", "information technology", "cio", "sysadmin", "system administrator"}
        ),
        "JOB_FUNCTION_PROCUREMENT": frozenset({"procurement", "purchasing", "buyer", "einkauf"}),
        "JOB_FUNCTION_SUPPORT": frozenset({"support", "customer success", "customer service"}),
        "JOB_FUNCTION_MARKETING": frozenset({"marketing", "cmo", "brand", "demand generation"}),
        "JOB_FUNCTION_SALES": frozenset(
            {"sales", "account executive", "cro", "vertrieb", "business development"}
        ),
        "JOB_FUNCTION_PRODUCT": frozenset({"product"}),
        "JOB_FUNCTION_FINANCE": frozenset(
            {"finance", "financial", "cfo", "accounting", "accountant", "controller", "treasurer"}
        ),
        "JOB_FUNCTION_LEGAL": frozenset({"legal", "counsel", "lawyer", "attorney"}),
        "JOB_FUNCTION_HUMAN_RESOURCES": frozenset(
            {"hr", "human resources", "people", "recruiter", "recruiting", "talent", "chro"}
        ),
        "JOB_FUNCTION_OPERATIONS": frozenset(
            {"operations", "coo", "revops", "logistics", "supply chain"}
        ),
        "JOB_FUNCTION_ENGINEERING": frozenset(
            {"engineer", "engineering", "developer", "cto", "software", "devops", "architect"}
        ),
        "JOB_FUNCTION_EDUCATION": frozenset({"teacher", "professor", "lecturer"}),
        "JOB_FUNCTION_EXECUTIVE": frozenset(
            {
                *("ceo", "chief executive", "founder", "co founder", "owner", "president"),
                *("managing director", "managing partner"),
                *("general manager", "geschäftsführer*"),
            }
        ),
    },
    students=frozenset(
        {"student", "studentin", "étudiant", "étudiante", "undergraduate", "phd candidate"}
    ),
    past=frozenset({"ex", "former", "retired"}),
    serves=frozenset({"assistant to", "assistant of", "secretary to"}),
    says_nothing=frozenset({"chief of staff", "business partner", "partner manager"}),
)
EDUCATION = frozenset({"edu", ".edu.*", ".ac.*", ".sch.*"})
GOVERNMENT = frozenset({"gov", "mil", ".gov.*", ".mil.*", ".gouv.*", ".gob.*", ".govt.*", ".gub.*"})
EXTENSION_WORDS = frozenset({"ext", "extn", "extension", "x", "durchwahl", "dw", "poste"})
LEGAL_FORMS = frozenset(
    {
        *("inc", "incorporated", "corp", "corporation", "co", "company", "llc", "llp", "lp"),
        *("ltd", "limited", "plc", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "se", "ev"),
        *("sa", "sas", "sarl", "srl", "spa", "sl", "bv", "nv", "ab", "as", "oy", "oyj", "aps"),
        *("sro", "doo", "kk", "pty", "pte", "de cv", "sa de cv"),
    }
)
