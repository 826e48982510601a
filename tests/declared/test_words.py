"""Further words of the contracts' enums: declared, sent, read, decided, recorded and replayed."""

import asyncio
from pathlib import Path

import pytest

from dealgate.assemble.provenance import made_with
from dealgate.cases.findings import coverage_of, mutation_of
from dealgate.decide import Decider
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.explain.explaining import explain
from dealgate.explain.flip_results import Bounds
from dealgate.explain.redeciding import redecide
from dealgate.foresight.replaying import Replayer
from dealgate.journal.memory import MemoryJournal
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import BadQuestion
from dealgate.model.replays import ReplayVerdict
from dealgate.proof.checking import analysed
from dealgate.rulebook.checking import Checked
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.activity_pb2 import ActivityType
from dealgate.v1.lead_pb2 import Industry, LeadSource
from tests.declared.folder import read
from tests.foresight.recording import MARCH

ENGINE = NativeEngine()
PROPERTIES = """\
activity:
  type: {type: enum, values: [podcast, radio_spot], because: What marketing buys.}
lead:
  lead_source: {type: enum, values: [marketplace], because: Cloud marketplaces.}
company:
  industry: {type: enum, values: [space], because: Our niche.}
  fleet: {type: int, because: Vehicles.}
"""
RULES = """\
ruleset: qualify
version: 1
owner: sales
because: Words of our own.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
rules:
  - id: listener
    each: {a: activities}
    when: a.type == ACTIVITY_TYPE_PODCAST
    then: {disposition: mql, code: OWN-01}
    because: Listeners are warm.
  - id: keen-listener
    each: {a: activities}
    when: a.type == ACTIVITY_TYPE_PODCAST && a.measures.of_its_type >= 3
    then: {disposition: sql, code: OWN-02}
    because: Three episodes are no accident.
tables:
  - {id: origin, hit: unique, then: {disposition: nurture}, because: By origin.}
"""
TABLE = """\
id,lead.lead_source,lead.company.industry,then.code
ours,MARKETPLACE,SPACE,OWN-03
other,MARKETPLACE,not(SPACE),OWN-04
"""
CASES = """\
base:
  lead: {lead: {id: L1, lead_source: LEAD_SOURCE_MARKETPLACE, company: {industry: INDUSTRY_SPACE}}}
cases:
  - case: a listener from the marketplace
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts: {activities: [{id: a1, type: ACTIVITY_TYPE_PODCAST, count: 2, at: 2026-05-30T00:00:00Z}]}
    fired: [listener, origin/ours]
  - case: of another industry, who read
    as_of: 2026-06-01T00:00:00Z
    base: lead
    facts:
      lead: {company: {industry: INDUSTRY_OTHER}}
      activities: [{id: a1, type: ACTIVITY_TYPE_RADIO_SPOT, at: 2026-05-30T00:00:00Z}]
    fired: [origin/other]
"""
TWO = 2
LINE = """\
- version: 1
  from: 2026-01-01T00:00:00Z
  sha256: {digest}
  by: tests@dealgate.example
  because: First.
"""


def written(folder: Path, properties: str = PROPERTIES, rules: str = RULES) -> Path:
    """Write the folder, and return it."""
    home = folder / "rules" / "qualify"
    home.mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "properties.yaml").write_text(properties)
    (home / "v1.yaml").write_text(rules)
    (home / "v1.origin.csv").write_text(TABLE)
    (home / "v1.cases.yaml").write_text(CASES)
    return folder / "rules"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The folder as it is."""
    return read(released(written(tmp_path_factory.mktemp("words")))).needing_all()


def released(folder: Path) -> Path:
    """Release version 1, and return the folder."""
    digest = read(folder).needing_all().catalog.version("qualify", 1).digest
    (folder / "qualify" / "releases.yaml").write_text(LINE.format(digest=digest))
    return folder


def facts(*, count: int = 3) -> pb.QualifyFacts:
    """Return what a caller sends: words among the properties."""
    sent = pb.QualifyFacts()
    sent.lead.id = "L1"
    sent.lead.properties["lead_source"] = "marketplace"
    sent.lead.company.properties["industry"] = "space"
    for number in range(count):
        activity = sent.activities.add(id=f"a{number}")
        activity.properties["type"] = "podcast"
        activity.at.seconds = MARCH // 10**9 - 86_400
    return sent


def decided(checked: Checked, sent: pb.QualifyFacts) -> Decision:
    """Return the decision by version 1."""
    catalog = checked.catalog
    question = Question("019ca000-0000-7000-8000-000000000001", "qualify", sent, MARCH, MARCH)
    decider = Decider(catalog.kinds, catalog, ENGINE, MemoryJournal(), made_with=made_with)
    return asyncio.run(decider.decide(question))


def test_words_decide_as_those_of_the_contract(checked: Checked) -> None:
    """Also where the kind's own code counts by type; the record has what was sent."""
    decision = decided(checked, facts())
    assert decision.fired == ("listener", "keen-listener", "origin/ours")
    assert decision.facts == facts().SerializeToString(deterministic=True)
    assert decided(checked, facts(count=2)).fired == ("listener", "origin/ours")


def test_a_decision_by_words_is_replayed_and_explained(checked: Checked) -> None:
    """To the byte; flips name words."""
    catalog, decision = checked.catalog, decided(checked, facts(count=TWO))
    again = Replayer(catalog.kinds, catalog, made_with).replay(decision)
    assert again.verdict is ReplayVerdict.EQUAL
    told = redecide(decision, catalog.kinds, catalog, ENGINE)
    shown = explain(told.judge, told.facts, told.verdict, Bounds())
    assert told.difference == ""
    assert "ACTIVITY_TYPE_PODCAST" in repr(shown)


def test_words_may_be_added_and_unread_ones_removed(checked: Checked, tmp_path: Path) -> None:
    """The seal holds, and replays are the same bytes; a word that is read may not go."""
    decision = decided(checked, facts(count=TWO))
    more = PROPERTIES.replace("[podcast, radio_spot]", "[aa, podcast]")
    folder = written(tmp_path, more)
    (folder / "qualify" / "v1.cases.yaml").write_text(CASES.replace("RADIO_SPOT", "AA"))
    digest = checked.catalog.version("qualify", 1).digest
    (folder / "qualify" / "releases.yaml").write_text(LINE.format(digest=digest))
    catalog = read(folder).needing_all().catalog
    again = Replayer(catalog.kinds, catalog, made_with).replay(decision)
    assert again.verdict is ReplayVerdict.EQUAL
    (folder / "properties.yaml").write_text(more.replace("podcast", "pod"))
    told = "\n".join(map(str, read(folder).faults.fatal))
    assert "ACTIVITY_TYPE_PODCAST" in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("a.properties['type'] = 'podcasts'", ("activities[0].properties.type", "must be one of")),
        ("a.type = PRICING", ("activities[0].type", "is set, and so is properties.type")),
        ("a.properties['type'] = 7", ("activities[0].properties.type", "must be text")),
        ("a.type = NUMBER", ("activities[0].type", "is not a number declared by enum")),
    ],
)
def test_what_is_no_word_is_refused_by_its_field(
    checked: Checked, change: str, told: tuple[str, str]
) -> None:
    """At arrival; so is a number that no contract has, whatever words are declared."""
    sent = facts(count=1)
    activity = sent.activities[0]
    if "NUMBER" in change:
        activity.type = 1_000_001  # type: ignore[assignment]
    elif "PRICING" in change:
        activity.type = ActivityType.ACTIVITY_TYPE_PRICING_FORM
    else:
        activity.properties["type"] = "podcasts" if "podcasts" in change else 7
    with pytest.raises(BadQuestion) as refused:
        decided(checked, sent)
    assert told[0] in {violation.field for violation in refused.value.violations}
    assert any(told[1] in violation.description for violation in refused.value.violations)


def test_other_may_stand_beside_a_word(checked: Checked) -> None:
    """So callers that must send something of the contract can."""
    sent = facts(count=1)
    sent.lead.company.industry = Industry.INDUSTRY_OTHER
    sent.lead.lead_source = LeadSource.LEAD_SOURCE_OTHER
    assert decided(checked, sent).fired == ("listener", "origin/ours")


def test_words_are_proved_tried_covered_and_mutated(checked: Checked) -> None:
    """Cases write them as the contract's; a table without a row for a word has a gap."""
    (file,) = checked.files
    assert not any(each.failures for each in asyncio.run(run_cases(ENGINE, [file])))
    report = analysed(file.ruleset, file.kind, file.cases, file.accepted)
    assert not report.faults
    gaps = [str(finding) for finding in report.findings if "has no row" in str(finding)]
    assert gaps
    folder = Path(file.location.file)
    assert coverage_of(folder.parent, file.kind, file).demanded
    assert asyncio.run(mutation_of(folder.parent, file.kind, file)).demanded


FAULTS = {
    "known": ("[podcast, radio_spot]", "[podcast, webinar_attended]", "is a word of ActivityType"),
    "type": ("{type: enum, values: [space]", "{type: text", "adds words to Industry"),
    "spelling": ("[marketplace]", "[Market Place]", "'Market Place' is not a valid word"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_a_word_is_told(tmp_path: Path, name: str) -> None:
    """With its place in properties.yaml."""
    old, new, told = FAULTS[name]
    shown = "\n".join(map(str, read(written(tmp_path, PROPERTIES.replace(old, new))).faults.all))
    assert told in shown
    assert "properties.yaml:" in shown


def test_a_word_that_is_not_declared_is_a_fault_where_it_is_read(tmp_path: Path) -> None:
    """In CEL and in cells, with the nearest word; also when it was declared before."""
    folder = written(tmp_path, PROPERTIES.replace("podcast, ", ""))
    shown = "\n".join(map(str, read(folder).faults.all))
    assert "qualify/v1.yaml:9:21" in shown
    folder = written(tmp_path, PROPERTIES.replace("marketplace", "market"))
    shown = "\n".join(map(str, read(folder).faults.all))
    assert "qualify/v1.origin.csv:2:6" in shown


def test_a_case_that_writes_a_word_as_callers_send_it_is_told_the_field(tmp_path: Path) -> None:
    """Cases have facts as rules read them: the word stands in the field that it extends."""
    folder = written(tmp_path)
    cases = folder / "qualify" / "v1.cases.yaml"
    sent = "lead: {company: {properties: {industry: space, fleet: 3}}}"
    cases.write_text(cases.read_text().replace("lead: {company: {industry: INDUSTRY_OTHER}}", sent))
    shown = "\n".join(map(str, read(folder).faults.all))
    assert "write the field: industry: INDUSTRY_SPACE" in shown, shown
