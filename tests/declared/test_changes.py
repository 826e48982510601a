"""What becomes of versions, records and memory when declarations change."""

import gc
from collections.abc import Sequence

import pytest

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.properties import Arrival
from dealgate.model.vocabulary import vocabulary_of
from dealgate.rulebook.loading import load_usable
from dealgate.v1 import qualify_pb2 as pb
from tests.declared import folder

NOON = 1_780_315_200 * 10**9
WEBINARS = "webinars: {type: int, at_least: 0, at_most: 50, unit: webinars,"


def digest_of(properties: str) -> str:
    """Return the digest of the version with these declarations."""
    (ruleset,) = folder.read(folder.written(properties)).needing_all().catalog.all()
    return ruleset.digest


def faults_of(properties: str) -> Sequence[str]:
    """Return what is wrong with a folder with these declarations, without its cases."""
    home = folder.written(properties)
    (home / "qualify" / "v1.cases.yaml").write_text(
        "cases:\n  - {case: a, as_of: 2026-01-01T00:00:00Z, fired: []}\n"
    )
    return [str(fault) for fault in folder.read(home).faults.all]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at_most: 50", "at_most: 60"),
        ("values: [gold, silver, bronze]", "values: [gold, silver, bronze, platinum]"),
        ("because: Counted by marketing.", "because: Counted twice."),
        ("at_most: 50, unit", "at_most: 50, fixed: true, unit"),
        ("company:\n", "  colour: {type: text, because: No rule reads it.}\ncompany:\n"),
    ],
)
def test_a_declaration_may_grow_under_a_released_version(old: str, new: str) -> None:
    """Its digest stays what it was."""
    assert digest_of(folder.PROPERTIES.replace(old, new)) == digest_of(folder.PROPERTIES)


def test_a_unit_and_an_absence_are_part_of_what_a_version_means() -> None:
    """As much as the rules themselves."""
    whole = folder.PROPERTIES
    assert digest_of(whole.replace("unit: webinars", "unit: hours")) != digest_of(whole)
    assert digest_of(whole.replace("absent: false, ", "")) != digest_of(whole)


def test_what_a_released_version_reads_may_not_be_retyped_or_removed() -> None:
    """The fault names the version, the property and its file."""
    home = folder.written()
    line = "- {version: 1, from: 2026-01-01, sha256: DIGEST, by: ann, because: First.}\n"
    releases = home / "qualify" / "releases.yaml"
    releases.write_text(line.replace("DIGEST", digest_of(folder.PROPERTIES)))
    folder.read(home).needing_all()
    properties = home / "properties.yaml"
    properties.write_text(folder.PROPERTIES.replace("unit: webinars", "unit: hours"))
    (fault,) = folder.read(home).faults.fatal
    assert "qualify@1 was released and has changed since" in str(fault)
    assert "in properties.yaml of" in str(fault)
    assert "lead.webinars" in str(fault)
    properties.write_text(
        "\n".join(x for x in folder.PROPERTIES.splitlines() if "webinars" not in x)
    )
    found = [str(fault) for fault in folder.read(home).faults.fatal]
    assert any("no property 'webinars' of lead is declared" in fault for fault in found)


def test_faults_have_their_place_and_cure() -> None:
    """In expressions over what is declared otherwise, or not at all."""
    misspelt = folder.PROPERTIES.replace("  webinars:", "  webinar:")
    first, second, *_ = faults_of(misspelt)
    assert first.startswith("rules/qualify/v1.tiers.csv:1:41: column lead.properties.webinars: no")
    assert "did you mean 'webinar'?" in first
    assert second.startswith("rules/qualify/v1.yaml:7:28: fact is_keen: no property 'webinars'")
    retyped = folder.PROPERTIES.replace(WEBINARS, "webinars: {type: decimal,")
    assert any("cannot compare" in fault for fault in faults_of(retyped))
    nothing = faults_of("lead: {other: {type: bool, because: Alone.}}\n")
    assert any("no properties of company are declared" in fault for fault in nothing)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("x: {type: enum, because: B.}", "lead.x: an enum needs its values"),
        (
            "x: {type: int, values: [a], because: B.}",
            "lead.x: a property of type int has no values",
        ),
        ("x: {type: text, at_most: 5, because: B.}", "lead.x: a text has no bounds"),
        ("x: {type: int, at_least: many, because: B.}", "lead.x: 'many' is not a valid int"),
        ("x: {type: int, at_least: 5, at_most: 4, because: B.}", "lead.x: is more than at_most"),
        ("x: {type: bool, absent: no, because: B.}", "lead.x: 'no' is not a valid bool"),
        ("x: {type: int, at_most: 1, absent: 2, because: B.}", "'2' must be 1 or less"),
        ("x: {type: list(int), absent: 2, because: B.}", "a list is never absent"),
        ("X: {type: bool, because: B.}", "'X' is not a valid name of a property"),
        ("in: {type: bool, because: B.}", "'in' is a word of CEL"),
        ("x: {type: bool}", "the key 'because' is missing"),
        ("x: {typ: bool, because: B.}", "did you mean 'type'?"),
        ("x: {type: date, at_least: 2026-02-30, because: B.}", "'2026-02-30' is not a valid date"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_told_at_its_place(line: str, says: str) -> None:
    """And nothing that follows from it."""
    found = faults_of(f"lead:\n  {line}\n")
    assert len(found) == 1
    assert found[0].startswith("rules/properties.yaml:2:")
    assert says in found[0]


def test_an_operator_may_have_what_nobody_declared_passed_over() -> None:
    """It is never read; what is declared is asked as ever."""
    facts = pb.QualifyFacts()
    facts.lead.id = "L1"
    facts.lead.properties.update({"colour": "red", "webinars": 51})
    home = folder.written()
    catalog = load_usable(home, KINDS, CelChecker(), arrival=Arrival.IGNORE)
    kind, parameters = catalog.kinds["qualify"], catalog.version("qualify", 1).parameters
    _, wrong = kind.admitted(facts, parameters, NOON)
    assert [violation.field for violation in wrong] == ["lead.properties.webinars"]
    (home / "properties.yaml").unlink()
    bare = load_usable(home, KINDS, CelChecker(), arrival=Arrival.IGNORE)
    assert not bare.kinds["qualify"].admitted(facts, parameters, NOON)[1]


def test_what_is_no_longer_declared_is_freed() -> None:
    """With the last catalog that reads it."""
    names = []
    for number in range(3):
        grown = f"  x{number}: {{type: bool, because: Of this edition.}}\ncompany:\n"
        read = folder.read(folder.written(folder.PROPERTIES.replace("company:\n", grown)))
        names.append(read.catalog.kinds["qualify"].facts.DESCRIPTOR.full_name)
    del read
    gc.collect()
    assert [vocabulary_of(name) for name in names] == [None, None, None]
