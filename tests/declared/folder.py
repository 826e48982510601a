"""A rules folder whose leads, companies and activities have a property of every type."""

import asyncio
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.codes import Severity
from dealgate.proof.checking import analysed
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.checking import Checked, read_folder

PROPERTIES = """\
lead:
  tier: {type: enum, values: [gold, silver, bronze], because: Set by the partner desk.}
  webinars: {type: int, at_least: 0, at_most: 50, unit: webinars, because: Counted by marketing.}
  is_vip: {type: bool, because: On the board's list.}
  win_rate: {type: decimal, at_least: 0, at_most: 1, because: Learnt elsewhere.}
  nickname: {type: text, personal: true, because: How people call them.}
  renews_on: {type: date, at_least: 2020-01-01, because: From the contract system.}
  last_seen: {type: instant, because: From the product.}
  response_time: {type: duration, at_least: 0s, because: From the help desk.}
  wallet: {type: money, at_least: 0, because: From finance.}
  tags: {type: list(text), because: Free labels.}
  visits: {type: list(date), because: From the app.}
  counts: {type: list(int), because: Seats by site.}
  flags: {type: list(bool), because: Of a form.}
  rates: {type: list(decimal), because: Of offers.}
  stays: {type: list(duration), because: In the app.}
  logins: {type: list(instant), because: From the product.}
  orders: {type: list(money), because: From the shop.}
  levels: {type: list(enum), values: [base, top], because: Of plans.}
  is_partner: {type: bool, absent: false, because: Rare but known for all who are.}
company:
  fleet: {type: int, at_least: 0, because: Vehicles they run.}
activity:
  medium: {type: enum, values: [podcast, radio], because: What marketing buys.}
"""
RULES = """\
ruleset: qualify
version: 1
owner: sales
because: A rule for each type.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
facts:
  is_keen: lead.properties.webinars >= 3
rules:
"""
WHEN = {
    "tier": 'lead.properties.tier == "gold"',
    "webinars": "is_keen && lead.properties.webinars <= 40",
    "is-vip": "lead.properties.is_vip",
    "win-rate": 'lead.properties.win_rate >= decimal("0.25")',
    "nickname": 'lead.properties.nickname == "Jo"',
    "renews-on": 'lead.properties.renews_on >= date("2026-07-01")',
    "last-seen": 'lead.properties.last_seen > timestamp("2026-01-01T00:00:00Z")',
    "response-time": 'lead.properties.response_time < duration("2h")',
    "wallet": 'lead.properties.wallet >= money("EUR", "1000.50")',
    "tags": '"beta" in lead.properties.tags',
    "visits": 'lead.properties.visits.exists(v, v >= date("2026-01-01"))',
    "counts": "lead.properties.counts.exists(c, c >= 3)",
    "flags": "lead.properties.flags.exists(f, f)",
    "rates": 'lead.properties.rates.exists(r, r >= decimal("0.5"))',
    "stays": 'lead.properties.stays.exists(s, s >= duration("2h"))',
    "logins": 'lead.properties.logins.exists(i, i >= timestamp("2026-01-01T00:00:00Z"))',
    "orders": 'lead.properties.orders.exists(o, o >= money("EUR", "10"))',
    "levels": '"top" in lead.properties.levels',
    "is-partner": "lead.properties.is_partner",
    "fleet": "lead.company.properties.fleet > 10",
}
TABLE = """\
id,lead.properties.tier,lead.properties.webinars,lead.properties.win_rate,then.code
gold,gold,>= 10,-,TIER-01
metal,"silver, bronze",[10..50],>= 0.5,TIER-02
"""
CASES = """\
cases:
  - case: every declared type is read
    as_of: 2026-06-01T00:00:00Z
    facts:
      lead:
        id: L1
        properties:
          tier: gold
          webinars: 12
          is_vip: true
          win_rate: "0.3"
          nickname: Jo
          renews_on: 2026-07-01
          last_seen: 2026-05-01T10:00:00Z
          response_time: 90m
          wallet: EUR 1000.50
          tags: [alpha, beta]
          visits: [2026-03-01]
          counts: [1, 3]
          flags: [false, true]
          rates: ["0.5"]
          stays: [2h]
          logins: [2026-01-01T00:00:00Z]
          orders: [EUR 10.00]
          levels: [base, top]
          is_partner: true
        company: {properties: {fleet: 11}}
      activities: [{id: a1, at: 2026-05-30T00:00:00Z, properties: {medium: podcast}}]
    fired: [FIRED, medium, tiers/gold]
  - case: what is out of bounds is refused by its field
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1, properties: {webinars: 51, tier: golden}}}
    error: BadQuestion
    violations: [lead.properties.tier, lead.properties.webinars]
"""


def rules() -> str:
    """Return the rule file: a rule for each property, and one for each activity."""
    lines = [
        f"  - id: {id_}\n    when: '{when}'\n    then: {{disposition: mql, code: OWN-01}}\n"
        f"    because: By {id_}.\n"
        for id_, when in WHEN.items()
    ]
    medium = (
        '  - id: medium\n    each: {a: activities}\n    when: a.properties.medium == "podcast"\n'
        "    then: {disposition: mql, code: OWN-02}\n    because: Podcast listeners are warm.\n"
    )
    tables = (
        "tables:\n  - {id: tiers, hit: unique, then: {disposition: nurture}, because: By tier.}\n"
    )
    return f"{RULES}{''.join(lines)}{medium}{tables}"


def written(properties: str = PROPERTIES) -> Path:
    """Write the folder, and return it."""
    folder = Path(mkdtemp()) / "rules"
    home = folder / "qualify"
    home.mkdir(parents=True)
    (folder / "properties.yaml").write_text(properties)
    (home / "v1.yaml").write_text(rules())
    (home / "v1.tiers.csv").write_text(TABLE)
    (home / "v1.cases.yaml").write_text(CASES.replace("FIRED", ", ".join(WHEN)))
    return folder


def written_kind(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """Write the files of a kind of one's own into a folder below `folder`, and return that."""
    home = folder / "rules" / name
    home.mkdir(parents=True)
    for file, text in files.items():
        (home / file).write_text(text)
    return folder / "rules"


def cases_hold(file: CaseFile) -> None:
    """Fail unless the cases of a version hold."""
    (told,) = [[each.failures for each in asyncio.run(run_cases(NativeEngine(), [file]))]]
    assert not any(told), told


def held(file: CaseFile) -> None:
    """Fail unless the cases of a version hold, and proving it finds no fault."""
    cases_hold(file)
    report = analysed(file.ruleset, file.kind, file.cases, file.accepted)
    assert not [each for each in report.findings if each.severity is Severity.FAULT]


def read(folder: Path) -> Checked:
    """Return all that can be read in a folder, and what is wrong with it."""
    return read_folder(folder, KINDS, CelChecker())


@cache
def checked() -> Checked:
    """Return the folder as it is."""
    return read(written()).needing_all()
