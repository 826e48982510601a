"""A rules folder whose qualification is narrowed: in three countries, and for one tenant."""

from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.checking import Checked, read_folder

FILES = {
    "qualify/v1.yaml": """\
ruleset: qualify
version: 1
owner: sales
because: Everywhere.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
constants:
  least: 50
rules:
  - id: too-small
    when: lead.company.employees < least
    then: {disposition: nurture, code: FIT-01}
    because: Too few people.
  - id: competitor
    when: relationship.is_competitor
    then: {disposition: disqualified, code: INEL-01}
    because: They only look.
tables:
  - {id: size, hit: first, then: {disposition: mql}, because: By size.}
""",
    "qualify/v1.size.csv": """\
id,lead.company.employees,then.code
large,>= 1000,ENG-01
mid,[50..1000),ENG-02
""",
    "qualify/v1.cases.yaml": """\
base:
  lead:
    lead: {id: L1, country: US, company: {employees: 60}}
    relationship: {is_competitor: false}
cases:
  - {case: a mid one, as_of: 2026-06-01T00:00:00Z, base: lead, fired: [size/mid]}
  - case: a small one
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {company: {employees: 20}}}
    fired: [too-small]
  - case: a large competitor
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {company: {employees: 2000}}, relationship: {is_competitor: true}}
    fired: [competitor, size/large]
""",
    "qualify/dach/v1.yaml": """\
ruleset: qualify
scope: dach
version: 1
narrows: 1
owner: sales-dach
because: Smaller companies, and a team for authorities.
applies: lead.country in ["DE", "AT", "CH"]
unknown: base
remove: [competitor]
constants:
  least: 10
rules:
  - id: authority
    when: lead.company.industry == INDUSTRY_GOVERNMENT
    then: {disposition: mql, code: ENG-03}
    because: A team of its own sells to authorities.
""",
    "qualify/dach/v1.size.csv": """\
id,lead.company.employees,then.code
mid,[10..1000),ENG-04
""",
    "qualify/dach/v1.cases.yaml": """\
remove: [a large competitor]
cases:
  - case: a small one
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {country: DE, company: {employees: 20, industry: INDUSTRY_OTHER}}}
    fired: [size/mid]
  - case: a tiny authority
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {country: DE, company: {employees: 5, industry: INDUSTRY_GOVERNMENT}}}
    fired: [too-small, authority]
  - case: a large one
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {country: DE, company: {employees: 5000}}}
    fired: [size/large]
""",
    "qualify/acme/v1.yaml": """\
ruleset: qualify
scope: acme
version: 1
narrows: 1
because: Acme sells to the large alone.
tenant: acme
constants:
  least: 500
""",
    "qualify/acme/v1.size.csv": """\
id,lead.company.employees,then.code
mid,[500..1000),ENG-02
""",
    "qualify/acme/v1.cases.yaml": """\
cases:
  - case: a mid one
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {lead: {company: {employees: 600}}}
    fired: [size/mid]
""",
}
LINE = """\
- version: 1
  from: 2026-01-01T00:00:00Z
  sha256: {digest}
  by: tests@dealgate.example
  because: First.
"""


def written(folder: Path, *, released: bool = True, files: dict[str, str] | None = None) -> Path:
    """Write the rules, with `files` in place of others, and return their folder."""
    rules = folder / "rules"
    for name, text in {**FILES, **(files or {})}.items():
        path = rules / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if released:
        for ruleset in read(rules).needing_all().catalog.all():
            (rules / ruleset.shelf / "releases.yaml").write_text(LINE.format(digest=ruleset.digest))
    return rules


def read(rules: Path) -> Checked:
    """Return all that can be read in a folder, and what is wrong with it."""
    return read_folder(rules, KINDS, CelChecker())
