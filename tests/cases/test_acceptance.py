"""Findings are accepted by code and place: what they say may be worded better at any time."""

import re
from pathlib import Path

import pytest

from dealgate.cases.findings import CaseFinding
from dealgate.model.codes import Code
from dealgate.rulebook.faults import RulebookFaults
from tests.cases.asking import case, coverage, mutation, read, rule, written

WHEN = "big && (lead.country == 'DE' || !has(lead.email))"
FACTS = "constants:\n  floor: 50\nfacts:\n  big: lead.company.employees > floor\n"
CASES = "cases:\n" + case("large", "{lead: {country: FR, email: a@b.de}}", "fired: []")


def findings(folder: Path) -> list[CaseFinding]:
    """Return all that the cases leave out."""
    return [*coverage(folder).missing, *mutation(folder).missing]


def accepting(*entries: str) -> str:
    """Return the section of a file of cases that accepts this."""
    lines = "".join(f"  - {entry.replace('…', 'It is meant.')}\n" for entry in entries)
    return f"accepted:\n{lines}"


def refused(folder: Path) -> tuple[str, str, str]:
    """Return the code, message and cure of the one fault that the cases have."""
    with pytest.raises(RulebookFaults) as caught:
        read(folder)
    (fault,) = caught.value.faults
    return fault.code, fault.message, fault.hint


def test_what_is_offered_accepts_the_finding(tmp_path: Path) -> None:
    """The line beside each finding, pasted, accepts it and nothing else stays."""
    folder = written(tmp_path, rule("it", WHEN), CASES, before=FACTS)
    found = findings(folder)
    codes = {finding.identity.code for finding in found}
    assert codes >= {Code.RULE_UNSEEN_FIRING, Code.CONDITION_UNSEEN_TRUE, Code.MUTANT_SURVIVES}
    entries = dict.fromkeys(finding.identity.accepted for finding in found)
    written(tmp_path, rule("it", WHEN), accepting(*entries) + CASES, before=FACTS)
    assert findings(folder) == []
    assert [*coverage(folder).stale, *mutation(folder).stale] == []


def test_message_that_was_accepted_is_refused_with_what_to_write(tmp_path: Path) -> None:
    """Who accepted by text before reads the exact line that says the same today."""
    folder = written(tmp_path, rule("it", WHEN), CASES, before=FACTS)
    coded = [each for each in findings(folder) if each.identity.code is not Code.VALUE_UNSEEN]
    for finding in coded:  # values were never accepted by text
        text = finding.fault.message.replace('"', '\\"')
        entry = f'{{finding: "{text}", because: It is meant.}}'
        written(tmp_path, rule("it", WHEN), accepting(entry) + CASES, before=FACTS)
        code, message, hint = refused(folder)
        assert code == Code.ACCEPTANCE_INVALID
        assert message == "accepted: findings are accepted by code and place, not by their message"
        assert hint == f"write {finding.identity.accepted}"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{finding: rule-unseen-quite, at: rules.it}", "unknown finding 'rule-unseen-quite'"),
        ("{finding: rule-never-fires, at: rules.it}", "rule-never-fires cannot be accepted"),
        ("{finding: rule-redundant}", "where is the rule-redundant: `at` is missing"),
        ("{finding: condition-unseen-true, at: rules.it}", "which condition is it"),
        ("{finding: mutant-survives, at: rules.it}", "a mutant is accepted by its place"),
        ("{finding: rule-redundant, at: rules.it, from: 1}", "these keys belong to a `mutant`"),
        ("{mutant: parameters.a, at: rules.it, from: 1}", "these keys belong to a `finding`"),
        ("{mutant: parameters.a}", "a mutant is known by what changed"),
        ("{at: rules.it}", "accept either a `mutant` or a `finding`"),
        (
            "{finding: rule-redundant, at: rules.it, condition: a}",
            "rule-redundant is about no single condition",
        ),
    ],
)
def test_acceptance_that_says_too_little_or_too_much(tmp_path: Path, entry: str, said: str) -> None:
    """What cannot be matched is refused where it stands, with a cure."""
    entry = re.sub(r"}$", ", because: It is meant.}", entry)
    folder = written(tmp_path, rule("it", WHEN), accepting(entry) + CASES, before=FACTS)
    code, message, hint = refused(folder)
    assert code == Code.ACCEPTANCE_INVALID
    assert message.startswith(f"accepted: {said}")
    assert hint


def test_mutant_without_a_new_text_was_left_out(tmp_path: Path) -> None:
    """`to` says what stands there instead; where nothing does, there is none."""
    folder = written(tmp_path, rule("it", WHEN), CASES, before=FACTS)
    left_out = next(f for f in mutation(folder).missing if f.fault.message.endswith("left out"))
    assert "to:" not in left_out.identity.accepted
