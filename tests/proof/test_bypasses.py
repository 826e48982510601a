"""Stages that some lists name and others forget: a way around every gate behind those."""

import pytest

from dealgate.kinds import KINDS
from dealgate.model.codes import PROVED_ACCEPTABLE
from dealgate.proof.bypasses import bypasses
from dealgate.proof.prover import Prover
from dealgate.proof.stages import machine_of, stage_findings, stage_words
from docs.finding_pages import Page
from tests.proof.test_domain import shipped

KIND = KINDS["advance"]
NEW = "Technical Validation"
LINE = f'- {{name: "{NEW}", probability: 72, forecast_category: best_case}}\n'
UNTIL = ("until_discovered", "until_evaluated", "until_proposed", "open_stages")


def proved(before: str, lists: tuple[str, ...], version: int = 2) -> Prover:
    """Return a prover of shipped rules with a new stage, which these lists name."""
    changes = [(f'( +)- {{name: "{before}"', f'\\1{LINE}\\1- {{name: "{before}"')]
    changes += [(f"(?m)^(  {name}: \\[)", f'\\1"{NEW}", ') for name in lists]
    of = shipped("advance", version, *changes)
    return Prover(of, KIND, stage_words(of, KIND))


def told(prover: Prover) -> list[str]:
    """Return the codes of what is found of the new stage."""
    found = stage_findings(prover, KIND, [])
    return [str(each.code) for each in found if each.subject == f"stage {NEW}"]


@pytest.mark.parametrize(
    ("before", "lists", "gate"),
    [
        # From there into a proposal, although a deal that comes from the stage before is held.
        ("Proposal/Price Quote", ("open_stages",), "NO_TECHNICAL_REQUIREMENTS"),
        ("Proposal/Price Quote", ("open_stages", "until_proposed"), "NO_TECHNICAL_REQUIREMENTS"),
        ("Perception Analysis", ("open_stages", "behind_qualifying"), "NO_TECHNICAL_REQUIREMENTS"),
        # Into it, past the proposal.
        ("Negotiation/Review", ("until_proposed", "open_stages"), "NO_TECHNICAL_REQUIREMENTS"),
        ("Needs Analysis", ("open_stages",), "NO_PAIN"),
        ("Qualification", UNTIL, "NO_CONTACT"),
        ("Value Proposition", UNTIL, "NO_CONTACT"),
    ],
)
def test_a_stage_that_some_lists_forget(before: str, lists: tuple[str, ...], gate: str) -> None:
    """One list that names it does not make up for another that guards something else."""
    prover = proved(before, lists)
    machine, parameters = machine_of(KIND), prover.ruleset.parameters
    assert machine is not None
    (bypass,) = bypasses(prover, machine, machine.pipelines(parameters).all[""])
    assert (bypass.stage, gate in bypass.gates) == (NEW, True)


def test_how_it_is_told() -> None:
    """At a list that forgets it, with a move that shows it and some of the gates."""
    prover = proved("Proposal/Price Quote", ("open_stages",))
    (found,) = stage_findings(prover, KIND, [])
    assert "behind_qualifying" in prover.ruleset.constants
    assert found.location == prover.ruleset.constants["behind_qualifying"].location
    assert found.message == (
        "lets deals pass by NO_CONTACT, NO_ACCOUNT, NO_SOURCE and 35 more: they hold a deal that "
        f"moves from Qualification to Proposal/Price Quote, but not one that goes by way of {NEW}"
    )


def test_it_can_be_accepted_by_the_stage() -> None:
    """As its page says."""
    (found,) = stage_findings(proved("Proposal/Price Quote", ("open_stages",)), KIND, [])
    at, page = found.identity.at, Page(found.code).text
    assert f'{{finding: {found.code}, at: "{at}", because: …}}' in page
    assert found.code in PROVED_ACCEPTABLE


def test_a_stage_in_all_lists_it_belongs_to() -> None:
    """Held like its neighbours, into it and out of it: nothing is said."""
    behind = ("behind_qualifying", "behind_discovery")
    lists = (*behind, "until_evaluated", "until_proposed", "open_stages")
    assert told(proved("Proposal/Price Quote", lists)) == []


def test_a_stage_in_no_list_is_told_once() -> None:
    """That no list names it is the graver half of it."""
    assert told(proved("Proposal/Price Quote", ())) == ["stage-unguarded"]


def test_gates_cannot_be_passed_by() -> None:
    """Where gates hang on stages, nothing is found, wherever the stage is."""
    assert told(proved("Perception Analysis", (), 3)) == []


@pytest.mark.parametrize("version", [1, 2])
def test_shipped_lists_leave_no_way_around(version: int) -> None:
    """They agree with each other."""
    of = shipped("advance", version)
    assert not [*stage_findings(Prover(of, KIND, stage_words(of, KIND)), KIND, [])]
