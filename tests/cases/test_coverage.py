"""Every condition must be seen true, false and unknown; what cannot be is not asked for."""

from pathlib import Path

import pytest

from tests.cases.asking import case, coverage, rule, told, written

CASES = "cases:\n"
BIG = "lead.company.employees >= 50"


def test_rule_is_seen_to_fire_to_stay_quiet_and_undecided(tmp_path: Path) -> None:
    """Whoever has only seen a rule fire has not seen what it leaves alone, or what it lacks."""
    cases = CASES + case("large", "{}", "fired: [big]")
    found = coverage(written(tmp_path, rule("big", BIG), cases))
    assert told(found) == [
        "7:5 rule big: no case sees it stay quiet",
        "7:5 rule big: no case sees it undecided",
    ]
    assert [finding.fault.hint for finding in found.missing] == [
        "write a case in which its condition is false",
        "write a case in which a fact that it needs is missing: lead.company.employees",
    ]
    assert found.demanded == 3


def test_conditions_within_are_told_at_their_place(tmp_path: Path) -> None:
    """A condition behind another one, which decided alone so far, is pointed at."""
    both = f'{BIG} && lead.company.country == "DE"'
    cases = CASES + case("small", "{lead: {company: {employees: 49}}}", "fired: []")
    found = told(coverage(written(tmp_path, rule("big", both), cases)))
    assert '9:39 rule big: no case sees `lead.company.country == "DE"` true' in found
    assert "9:7 rule big: no case sees `lead.company.employees >= 50` true" in found
    assert "9:7 rule big: no case sees `lead.company.employees >= 50` false" not in found


@pytest.mark.parametrize(
    "when",
    [
        'has(lead.company.country) && lead.company.country == "DE"',
        '!(!has(lead.company.country) || lead.company.country != "DE")',
        'has(lead.company.country) ? lead.company.country == "DE" : false',
        "activities.size() > 2 && size(activities) < as_of.getFullYear()",
        'local && lead.company.country == "DE"',
    ],
)
def test_unknown_is_not_demanded_where_it_cannot_be(tmp_path: Path, when: str) -> None:
    """What has() has asked for is there; what is no fact is never missing."""
    before = "facts:\n  local: has(lead.company.country)\n" if "local" in when else ""
    found = coverage(
        written(tmp_path, rule("near", when), CASES + case("one", "{}", "fired: []"), before=before)
    )
    assert not [
        message for message in told(found) if "unknown" in message or "undecided" in message
    ]


@pytest.mark.parametrize(
    ("when", "fired"),
    [
        ('lead.company.country == "DE" && has(lead.company.country)', "near"),
        ('has(lead.company.country) || lead.company.country == "DE"', "near"),
        ('has(lead.company.industry) && lead.company.country == "DE"', ""),
        ('has(lead.company.country) ? true : lead.company.country == "DE"', "near"),
        ("activities.exists(a, a.count > 1)", ""),
    ],
)
def test_unknown_is_demanded_where_it_can_be(tmp_path: Path, when: str, fired: str) -> None:
    """A has() that comes too late, on the wrong side or of another fact guards nothing."""
    cases = CASES + case("one", "{lead: {company: {country: DE}}}", f"fired: [{fired}]")
    found = coverage(written(tmp_path, rule("near", when), cases))
    assert [message for message in told(found) if "undecided" in message]


def test_what_the_kind_requires_cannot_be_missing(tmp_path: Path) -> None:
    """No case can be asked for in which the question would be refused: a lead has an id."""
    cases = CASES + case("one", "{}", "fired: [it]") + case("two", "{lead: {id: L2}}", "fired: []")
    assert told(coverage(written(tmp_path, rule("it", 'lead.id == "L1"'), cases))) == []


def test_named_facts_are_conditions_too(tmp_path: Path) -> None:
    """A condition that was given a name is not out of sight."""
    before = f"facts:\n  big: {BIG}\n"
    cases = CASES + case("large", "{}", "fired: [it]")
    found = told(coverage(written(tmp_path, rule("it", "big"), cases, before=before)))
    assert "7:8 fact big: no case sees `lead.company.employees >= 50` false" in found


def test_elements_of_a_list_are_seen_one_by_one(tmp_path: Path) -> None:
    """One case with three activities may show a condition true, false and unknown."""
    rules = rule("asked", "a.type == ACTIVITY_TYPE_BLOG").replace(
        "    when", "    each: {a: activities}\n    when"
    )
    known = "{id: a, type: ACTIVITY_TYPE_BLOG}, {id: b, type: ACTIVITY_TYPE_CHAT}"
    facts = f"{{activities: [{known}, {{id: c}}]}}"
    cases = CASES + case("three", facts, "fired: [asked]")
    assert told(coverage(written(tmp_path, rules, cases))) == []


def test_accepted_finding_is_set_aside_until_it_is_stale(tmp_path: Path) -> None:
    """An author may say why a case is not needed; once a case shows it, that must go."""
    accepted = (
        "accepted:\n  - {finding: rule-unseen-undecided, at: rules.big, because: It is known.}\n"
    )
    cases = CASES + case("large", "{}", "fired: [big]")
    cases += case("small", "{lead: {company: {employees: 1}}}", "fired: []")
    found = coverage(written(tmp_path, rule("big", BIG), accepted + cases))
    assert (told(found), len(found.accepted), found.stale, found.percent) == ([], 1, [], 100)
    cases += case("unknown", "{lead: {company: {employees: null}}}", "fired: []")
    (stale,) = coverage(written(tmp_path, rule("big", BIG), accepted + cases)).stale
    assert str(stale).startswith(
        "rules/qualify/v1.cases.yaml:4:5: accepted: there is no rule-unseen-undecided at rules.big"
    )
