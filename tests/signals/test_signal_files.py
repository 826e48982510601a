"""Files that declare signals: every fault at its place, and cases that try them in event time."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.faults import RulebookFaults
from dealgate.signals.signal_cases import case_faults, try_signals
from dealgate.signals.signal_folder import SignalFolder, read_signals
from tests.signals.test_once import KIND, RICH

ROOT = Path(__file__).parents[2]
HEAD = "signal: visits\nowner: tests\nbecause: tests\n"
PAGES = "on: activity\nwhen: activity.type == ACTIVITY_TYPE_PRICING_PAGE\n"
COUNT = "count: {at_least: 3, within: 24h}\n"
FIRES = """\
cases:
  - case: three visits
    events:
      - {at: 2026-06-01T15:00:00Z, activity: {type: ACTIVITY_TYPE_PRICING_PAGE, count: 3}}
    fires: [{at: 2026-06-01T15:00:00Z, count: 3}]
  - case: one visit
    events:
      - {at: 2026-06-01T15:00:00Z, activity: {type: ACTIVITY_TYPE_PRICING_PAGE}}
    fires: []
"""


def folder(tmp_path: Path, checker: CelChecker, text: str, cases: str = "") -> SignalFolder:
    """Return what a file called visits.yaml declares."""
    home = tmp_path / "rules/signals"
    home.mkdir(parents=True)
    (home / "visits.yaml").write_text(text)
    if cases:
        (home / "visits.cases.yaml").write_text(cases)
    return read_signals(tmp_path / "rules", KINDS, checker)


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        (HEAD + "on: activity\nwhen: activity.typ == 3\n" + COUNT, "5:16", "typ", "type"),
        (HEAD + "on: activities\n" + COUNT, "4:5", "'activities' is neither", "'activity'"),
        (HEAD + "on: activity\nwhen: activity.url\n" + COUNT, "5:7", "bool", ""),
        (HEAD + PAGES, "1:1", "a pattern is missing", "count, absence, crossing"),
        (HEAD + PAGES + COUNT + "absence: {for: 1d}\n", "7:10", "two patterns", "one of"),
        (HEAD + PAGES + "count: {at_least: 3, within: day}\n", "6:30", "not a valid dur", "24h"),
        (HEAD + PAGES + "count: {at_least: 3, within: 500d}\n", "6:30", "400d", "14d"),
        (HEAD + PAGES + "count: {at_least: 0, within: 24h}\n", "6:19", "less than 1", ""),
        (HEAD + PAGES + COUNT + "cooldown: 7d\n", "7:1", "unknown key 'cooldown'", "cool_down"),
        (HEAD + "on: activity\nwhen: as_of > activity.at\n" + COUNT, "5:7", "as_of", "activity.at"),
        (HEAD + "on: score\ncrossing: {of: outcome.grade, above: 7}\n", "5:16", "not a number", ""),
        (HEAD + "on: score\ncrossing: {of: outcome.fitt, above: 7}\n", "5:24", "fitt", "fit"),
        (HEAD + "on: score\ncrossing: {of: outcome.fit}\n", "5:11", "direction", "above"),
        (
            HEAD + "on: score\ncrossing: {of: outcome.fit, above: 7, rearm: 8}\n",
            "5:11",
            "never cross again",
            "rearm: 70",
        ),
        (
            HEAD + PAGES + COUNT + "ask: {kind: scor, facts: {lead: {id: entity.id}}}\n",
            "7:13",
            "'scor' is not a kind",
            "'score'",
        ),
        (
            HEAD + PAGES + COUNT + "ask: {kind: score, facts: {lead: {id: signal.cont}}}\n",
            "7:46",
            "cont",
            "count",
        ),
        (HEAD + "on: activity\nwhen: 'true'\n" + COUNT, "5:8", "reads nothing", "leave it out"),
        (HEAD + "on: score\ncrossing: {of: 3, above: 7}\n", "5:16", "reads nothing", "outcome"),
        (
            HEAD + "on: qualify\ncrossing: {of: outcome.disposition, above: 3}\n",
            "5:16",
            "a word of a list, not a number",
            "outcome.total",
        ),
        (
            HEAD + "on: activity\nwhen: activity.measures.of_its_type > 3\n" + COUNT,
            "5:16",
            "no event has them",
            "count",
        ),
        (HEAD.replace("visits", "calls") + PAGES + COUNT, "1:9", "visits.yaml", "rename"),
    ],
)
def test_a_fault_has_its_place_and_its_cure(
    tmp_path: Path, checker: CelChecker, text: str, at: str, message: str, hint: str
) -> None:
    """Names, types, durations and patterns are checked like rules, before anything happens."""
    with pytest.raises(RulebookFaults) as raised:
        folder(tmp_path, checker, text)
    told = str(raised.value)
    assert told.startswith(f"rules/signals/visits.yaml:{at}: "), told
    assert message in told
    assert hint in told


def test_a_condition_that_can_take_too_long_is_refused(tmp_path: Path, checker: CelChecker) -> None:
    """The cost of one event is bounded before there is one."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "properties.yaml").write_text(
        "activity:\n  labels: {type: list(text), because: tests}\n"
    )
    labels = "activity.properties.labels"
    nested = f"{labels}.all(a, {labels}.all(b, {labels}.all(c, a != b || b != c)))"
    (rules / "signals").mkdir()
    (rules / "signals/visits.yaml").write_text(f"{HEAD}on: activity\nwhen: {nested}\n{COUNT}")
    with pytest.raises(RulebookFaults, match="steps for one event"):
        read_signals(rules, KINDS, checker)


def test_declared_properties_have_their_types(tmp_path: Path, checker: CelChecker) -> None:
    """What properties.yaml declares of activities can be counted, and no other."""
    rules = tmp_path / "rules"
    (rules / "signals").mkdir(parents=True)
    (rules / "properties.yaml").write_text("activity:\n  seats: {type: int, because: tests}\n")
    path = rules / "signals/visits.yaml"
    path.write_text(f"{HEAD}on: activity\nwhen: activity.properties.seats > 5\n{COUNT}")
    cases = rules / "signals/visits.cases.yaml"
    cases.write_text(
        "cases:\n  - case: Seats\n    events:\n"
        "      - {at: 2026-06-01T10:00:00Z, activity: {count: 3, properties: {seats: 6}}}\n"
        "    fires: [{at: 2026-06-01T10:00:00Z}]\n"
    )
    (tried,) = try_signals(read_signals(rules, KINDS, checker), "Seats")
    assert [case.faults for case in tried.cases] == [[]]
    path.write_text(f"{HEAD}on: activity\nwhen: activity.properties.seat > 5\n{COUNT}")
    with pytest.raises(RulebookFaults, match="'seats'"):
        read_signals(rules, KINDS, checker)


def test_outcomes_of_declared_kinds_have_their_types(tmp_path: Path, checker: CelChecker) -> None:
    """Their fields and words are checked like those of the contracts, and cases say them."""
    rules = tmp_path / "rules"
    for name, text in (("listing/kind.yaml", KIND), ("signals/rich.yaml", RICH)):
        (rules / name).parent.mkdir(parents=True)
        (rules / name).write_text(text)
    (rules / "signals/rich.cases.yaml").write_text(
        "cases:\n  - case: Points rise\n    events:\n"
        "      - {at: 2026-06-01T10:00:00Z, outcome: {grade: a, points: 49, price: 10}}\n"
        "      - {at: 2026-06-01T11:00:00Z, outcome: {grade: a, points: 51, price: 9.75}}\n"
        "    fires: [{at: 2026-06-01T11:00:00Z, value: 51}]\n"
    )
    (tried,) = try_signals(read_signals(rules, KINDS, checker), "Points")
    assert [case.faults for case in tried.cases] == [[]]
    for right, wrong, message in (
        ("outcome.points", "outcome.point", "did you mean 'points'"),
        ('== "a"', '== "A"', "'A' is not one of its values"),
        ('== "a"', 'in ["b", "C"]', "'C' is not one of its values"),
        ("on: listing", "on: listings", "did you mean 'listing'"),
    ):
        (rules / "signals/rich.yaml").write_text(RICH.replace(right, wrong))
        with pytest.raises(RulebookFaults) as raised:
            read_signals(rules, KINDS, checker)
        assert message in str(raised.value)


def test_a_case_that_does_not_hold_says_what_fires(tmp_path: Path, checker: CelChecker) -> None:
    """The first difference is told where the case stands; and what no case shows."""
    cases = """cases:
  - case: Two are enough
    events:
      - {at: 2026-06-01T10:00:00Z, activity: {type: ACTIVITY_TYPE_PRICING_PAGE, count: 2}}
    fires: [{at: 2026-06-01T10:00:00Z}]
  - case: Three are not
    events:
      - {at: 2026-06-01T10:00:00Z, activity: {type: ACTIVITY_TYPE_PRICING_PAGE, count: 3}}
    fires: []
  - case: A word is not guessed
    events: [{at: yesterday, activity: {type: PRICING}}]
    fires: []
"""
    (tried,) = try_signals(folder(tmp_path, checker, HEAD + PAGES + COUNT, cases))
    told = [fault.message for case in tried.cases for fault in case.faults]
    assert told == [
        "case Two are enough: nothing more fires, not lead/1 at 2026-06-01T10:00:00Z",
        "case Three are not: lead/1 at 2026-06-01T10:00:00Z, count 3 fires, which was not expected",
        "case A word is not guessed: 'yesterday' is not a valid instant",
        "case A word is not guessed: 'type' takes an ActivityType, which has no value 'PRICING'",
    ]


def test_the_commands_check_and_try_signals() -> None:
    """`dealgate check signals` and `dealgate test signals` read what is shipped, and pass."""
    runner = CliRunner()
    checked = runner.invoke(app, ["check", "signals", "--rules", str(ROOT / "rules")])
    assert checked.exit_code == 0, checked.output
    assert "signals/pricing-visits: count on activity" in checked.output
    tried = runner.invoke(app, ["test", "signals", "--rules", str(ROOT / "rules")])
    assert tried.exit_code == 0, tried.output
    assert "signals/score-crossed: 3 passed, 0 failed" in tried.output


def test_one_signal_is_selected(tmp_path: Path, checker: CelChecker) -> None:
    """`signals/visits` is read, tried and laid out alone, whatever is wrong with another."""
    folder(tmp_path, checker, HEAD + PAGES + COUNT, FIRES)
    (tmp_path / "rules/signals/other.yaml").write_text("signal: [\n")

    def run(*arguments: str) -> tuple[int, str]:
        rules = str(tmp_path / "rules")
        result = CliRunner().invoke(app, [*arguments, "--rules", rules])
        return result.exit_code, result.output

    code, told = run("check", "signals/visits")
    assert (code, told.partition(",")[0]) == (0, "signals/visits: count on activity")
    assert run("test", "signals/visits") == (0, "signals/visits: 2 passed, 0 failed\n")
    assert run("check", "signals")[0] == 1
    code, told = run("check", "signals/visit")
    assert code == 1
    assert "did you mean 'visits'?" in told
    path = tmp_path / "rules/signals/visits.yaml"
    path.write_text(HEAD + COUNT.replace(": {", ":   { ") + PAGES)
    code, told = run("fmt", "signals/visits")
    assert (code, told) == (0, f"{path}: laid out\n")
    assert path.read_text() == HEAD + PAGES + COUNT
    path.write_text(HEAD + "on: activity\nwhen: activity.typ == 3\n" + COUNT)
    assert "did you mean 'type'?" in run("check", "signals/visits")[1]


def test_check_reads_cases_too(tmp_path: Path, checker: CelChecker) -> None:
    """What is not valid in a case is a fault of the folder; that a case fails is for `test`."""
    wrong = FIRES.replace("PRICING_PAGE", "PRICING")
    told = case_faults(folder(tmp_path, checker, HEAD + PAGES + COUNT, wrong))
    assert [fault.location.line for fault in told] == [4, 8]
    fails = FIRES.replace("fires: []", "fires: [{at: 2026-06-01T15:00:00Z}]")
    assert not case_faults(folder(tmp_path / "b", checker, HEAD + PAGES + COUNT, fails))


def test_what_no_case_shows_is_told(tmp_path: Path, checker: CelChecker) -> None:
    """A signal without cases is not seen firing, and not seen quiet."""
    (tried,) = try_signals(folder(tmp_path, checker, HEAD + PAGES + COUNT))
    codes = [fault.code.value for case in tried.cases for fault in case.faults]
    assert codes == ["rule-unseen-firing", "rule-unseen-quiet"]
