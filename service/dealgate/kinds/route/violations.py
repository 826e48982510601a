"""What can be wrong with the facts of a routing."""

from collections.abc import Iterable, Sequence

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.route.terms import RouteParameters
from dealgate.model import leads
from dealgate.model.business_time import is_region, is_zone
from dealgate.model.checks import (
    malformed,
    non_negative,
    non_negative_money,
    optional_id,
    plain_decimal,
    required,
    required_id,
    unique_ids,
    within,
)
from dealgate.model.errors import Violation
from dealgate.model.instants import nanoseconds
from dealgate.v1 import route_pb2 as pb

# Each is looked at several times; 500 are more than any team has.
REPS_MAX = 500
WEIGHT_MAX = 100
# With these, what is owed stays far below its limit in any round robin, and sums fit 64 bits.
LEADS_MAX = 1_000_000
BALANCE_MAX = 2**62
VERSION_MAX = 2**62


def violations(
    facts: pb.RouteFacts, parameters: RouteParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    value = ("annual_contract_value", facts.annual_contract_value)
    revenue = ("lead.company.annual_revenue", facts.lead.company.annual_revenue)
    return [
        *malformed(facts),
        *leads.lead_violations(facts.lead, as_of),
        *_account(facts.account),
        *non_negative_money(*value),
        *leads.foreign(parameters.currency, revenue, value),
        *non_negative("product_users", facts.product_users),
        *_reps(facts.reps),
        *_cursor(facts.cursor),
    ]


def _account(account: pb.AccountMatch) -> list[Violation]:
    found = [
        *optional_id("account.id", account.id),
        *optional_id("account.owner_id", account.owner_id),
        *optional_id("account.contact_owner_id", account.contact_owner_id),
    ]
    if account.HasField("tier"):
        found += within("account.tier", account.tier, 1, 9)
    return found


def _reps(reps: Sequence[pb.Rep]) -> list[Violation]:
    if len(reps) > REPS_MAX:
        return [Violation("reps", f"are more than {REPS_MAX}; send those of the teams in question")]
    found = unique_ids("reps", (rep.id for rep in reps))
    for index, rep in enumerate(reps):
        found += _rep(f"reps[{index}]", rep)
    return found


def _rep(path: str, rep: pb.Rep) -> list[Violation]:
    found = [
        *required_id(f"{path}.id", rep.id),
        *within(f"{path}.capacity", rep.capacity, 0, LEADS_MAX),
        *within(f"{path}.open_leads", rep.open_leads, 0, LEADS_MAX),
        *_number(f"{path}.weight", rep.weight, least=0, most=WEIGHT_MAX, open_below=True),
        *_number(f"{path}.quota_attainment", rep.quota_attainment, least=0, most=WEIGHT_MAX),
        *optional_id(f"{path}.backup_id", rep.backup_id),
        *optional_id(f"{path}.manager_id", rep.manager_id),
        *_hours(f"{path}.working_hours", rep.working_hours),
    ]
    for index, away in enumerate(rep.time_off):
        found += _time_off(f"{path}.time_off[{index}]", away)
    return found


def _number(
    path: str, value: DecimalMessage, *, least: int, most: int, open_below: bool = False
) -> list[Violation]:
    number = plain_decimal(value)
    if number is None or (least <= number <= most and not (open_below and number == least)):
        return []
    return [
        Violation(
            path,
            f"must be {'more than' if open_below else 'from'} {least}"
            f"{' and at most' if open_below else ' to'} {most}",
        )
    ]


def _time_off(path: str, away: pb.TimeOff) -> list[Violation]:
    found = required(f"{path}.start", away.HasField("start"))
    found += required(f"{path}.end", away.HasField("end"))
    if not found and nanoseconds(away.end) <= nanoseconds(away.start):
        found.append(Violation(f"{path}.end", "is not after start"))
    return found


def _hours(path: str, hours: pb.WorkingHours) -> list[Violation]:
    found: list[Violation] = []
    if hours.HasField("opens"):
        found += within(f"{path}.opens", hours.opens, 0, 23)
    if hours.HasField("closes"):
        found += within(f"{path}.closes", hours.closes, 1, 24)
    if hours.HasField("opens") != hours.HasField("closes"):
        given, lacking = ("opens", "closes") if hours.HasField("opens") else ("closes", "opens")
        found.append(Violation(f"{path}.{lacking}", f"is required with {given}"))
    elif hours.HasField("opens") and hours.opens >= hours.closes:
        found.append(Violation(f"{path}.closes", "is not after opens"))
    if hours.HasField("time_zone") and not is_zone(hours.time_zone):
        found.append(Violation(f"{path}.time_zone", "is no IANA time zone such as Europe/Berlin"))
    if hours.region and not is_region(hours.region):
        cure = "has no calendar of holidays; write an ISO 3166 code such as DE or US-CA"
        found.append(Violation(f"{path}.region", cure))
    return found


def _cursor(cursor: pb.RoundRobinCursor) -> list[Violation]:
    found = [
        *optional_id("cursor.name", cursor.name),
        *within("cursor.version", cursor.version, 0, VERSION_MAX),
        *_balances(cursor.balances),
    ]
    if cursor.balances and not cursor.HasField("version"):
        found.append(Violation("cursor.version", "is required with balances"))
    return found


def _balances(balances: Iterable[pb.RoundRobinBalance]) -> list[Violation]:
    found: list[Violation] = []
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(balances):
        path = f"cursor.balances[{index}]"
        found += required(f"{path}.team", one.team)
        found += required(f"{path}.rep_id", one.rep_id)
        found += within(f"{path}.balance", one.balance, -BALANCE_MAX, BALANCE_MAX)
        if (one.team, one.rep_id) in seen:
            found.append(Violation(f"{path}.rep_id", "has a balance in this team already"))
        seen.add((one.team, one.rep_id))
    return found
