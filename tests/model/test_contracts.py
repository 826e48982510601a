"""Comments of the contracts are at hand where Python's descriptors have none."""

from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.model.contracts import comment

PROTO = Path(__file__).parents[2] / "proto"


def test_every_fact_has_words() -> None:
    """Each field of each kind's facts is told of, in the file that declares it."""
    for kind in KINDS.values():
        for field in kind.facts.DESCRIPTOR.fields:
            said = comment(field.full_name)
            assert said is not None
            assert said.text
            assert f" {field.name} = {field.number}" in (PROTO / said.file).read_text()


def test_values_of_enums_go_by_their_enum() -> None:
    """Protobuf makes them siblings of their enum, where two enums could collide."""
    assert comment("dealgate.v1.Seniority.SENIORITY_VP") is not None
    assert comment("dealgate.v1.SENIORITY_VP") is None
