"""What can be wrong with the facts of a routing."""

from collections.abc import Iterable, Sequence

from dealgate.kinds.route.terms import RouteParameters
from dealgate.model import leads
from dealgate.model.bounds import out_of_bounds
from dealgate.model.checks import (
    ID_LENGTH,
    are_usual_ids,
    computed,
    has_happened,
    non_negative_money,
    optional_id,
    required,
    required_id,
    unique_ids,
)
from dealgate.model.errors import Violation
from dealgate.model.exchange import exchange_violations, has_no_exchange
from dealgate.model.hours_checks import hours_violations
from dealgate.model.instants import nanoseconds
from dealgate.model.languages import language_code
from dealgate.model.malformed import malformed
from dealgate.v1 import route_pb2 as pb

# Each is looked at several times; 500 are more than any team has.
REPS_MAX = 500


def violations(
    facts: pb.RouteFacts, parameters: RouteParameters, as_of: int
) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *sound_violations(facts, parameters, as_of),
    ]


def sound_violations(facts: pb.RouteFacts, _: RouteParameters, as_of: int) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    if _is_usual_question(facts, as_of):
        return ()
    value = ("annual_contract_value", facts.annual_contract_value)
    return [
        *leads.lead_violations(facts.lead, as_of),
        *_account(facts.account),
        *non_negative_money(*value),
        *exchange_violations(facts, as_of),
        *_previous(facts.previous, as_of),
        *_language("language", facts.language),
        *_reps(facts.reps),
        *_cursor(facts.cursor),
    ]


def _is_usual_question(facts: pb.RouteFacts, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a routing, as is nearly always so."""
    account, value, reps = facts.account, facts.annual_contract_value, facts.reps
    if facts.HasField("previous") or not has_no_exchange(facts) or len(reps) > REPS_MAX:
        return False
    return (
        min(value.units, value.nanos) >= 0
        and len(account.id) <= ID_LENGTH
        and len(account.owner_id) <= ID_LENGTH
        and len(account.contact_owner_id) <= ID_LENGTH
        and (not facts.language or language_code(facts.language) is not None)
        and leads.is_usual_lead(facts.lead, as_of)
        and are_usual_ids([rep.id for rep in reps])
        and all(map(_is_usual, reps))
        and _is_usual_cursor(facts.cursor)
    )


def _is_usual_cursor(cursor: pb.RoundRobinCursor) -> bool:
    if not cursor.balances:
        return len(cursor.name) <= ID_LENGTH
    owed = [(one.team, one.rep_id) for one in cursor.balances]
    return (
        len(cursor.name) <= ID_LENGTH
        and cursor.HasField("version")
        and len(set(owed)) == len(owed)
        and all(team and rep for team, rep in owed)
    )


def _account(account: pb.AccountMatch) -> list[Violation]:
    return [
        *optional_id("account.id", account.id),
        *optional_id("account.owner_id", account.owner_id),
        *optional_id("account.contact_owner_id", account.contact_owner_id),
    ]


def _reps(reps: Sequence[pb.Rep]) -> list[Violation]:
    if len(reps) > REPS_MAX:
        return [
            Violation(
                "reps", f"has more than {REPS_MAX} entries; send those of the teams in question"
            )
        ]
    ids = [rep.id for rep in reps]
    usual = are_usual_ids(ids)
    violations = [] if usual else unique_ids("reps", ids)
    for index, rep in enumerate(reps):
        if usual and _is_usual(rep):
            continue
        violations += _rep(f"reps[{index}]", rep)
    return violations


def _is_usual(rep: pb.Rep) -> bool:
    """Tell at one look that nothing is wrong with a rep who has an id, as is nearly always so."""
    return (
        not rep.time_off
        and not rep.HasField("working_hours")
        and len(rep.backup_id) <= ID_LENGTH
        and len(rep.manager_id) <= ID_LENGTH
        and None not in map(language_code, rep.languages)
    )


def _rep(path: str, rep: pb.Rep) -> list[Violation]:
    violations = [
        *required_id(f"{path}.id", rep.id),
        *optional_id(f"{path}.backup_id", rep.backup_id),
        *optional_id(f"{path}.manager_id", rep.manager_id),
        *hours_violations(f"{path}.working_hours", rep.working_hours),
    ]
    for index, language in enumerate(rep.languages):
        violations += _language(f"{path}.languages[{index}]", language)
    for index, away in enumerate(rep.time_off):
        violations += _time_off(f"{path}.time_off[{index}]", away)
    return violations


def _time_off(path: str, away: pb.TimeOff) -> list[Violation]:
    violations = required(f"{path}.start", away.HasField("start"))
    violations += required(f"{path}.end", away.HasField("end"))
    if not violations and nanoseconds(away.end) <= nanoseconds(away.start):
        violations.append(Violation(f"{path}.end", "is not after start"))
    return violations


def _language(path: str, text: str) -> list[Violation]:
    if not text.strip() or language_code(text) is not None:
        return []
    return [Violation(path, "is not a language; write its ISO 639-1 code such as de")]


def _previous(previous: pb.PreviousRouting, as_of: int) -> list[Violation]:
    if not previous.ByteSize():
        return []
    return [
        *required_id("previous.owner_id", previous.owner_id),
        *computed("previous.missed_deadline", previous.HasField("missed_deadline")),
        *has_happened("previous.contacted_at", previous.contacted_at, as_of),
    ]


def _cursor(cursor: pb.RoundRobinCursor) -> list[Violation]:
    violations = [
        *optional_id("cursor.name", cursor.name),
        *_balances(cursor.balances),
    ]
    if cursor.balances and not cursor.HasField("version"):
        violations.append(Violation("cursor.version", "is required with balances"))
    return violations


def _balances(balances: Iterable[pb.RoundRobinBalance]) -> list[Violation]:
    violations: list[Violation] = []
    seen: set[tuple[str, str]] = set()
    for index, balance in enumerate(balances):
        path = f"cursor.balances[{index}]"
        violations += required(f"{path}.team", balance.team)
        violations += required(f"{path}.rep_id", balance.rep_id)
        if (balance.team, balance.rep_id) in seen:
            violations.append(Violation(f"{path}.rep_id", "has a balance in this team already"))
        seen.add((balance.team, balance.rep_id))
    return violations
