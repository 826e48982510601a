"""Names that parameters define, and lists that repeat them by hand."""

from dataclasses import replace

import pytest
from pydantic import BaseModel

from dealgate.model.codes import Code
from dealgate.proof.repeated import repeated
from tests.proof.proving import rules


class Measure(BaseModel):
    """Something that is measured."""

    name: str
    weight: int = 1


class Step(BaseModel):
    """Where something may be, and whether it ends there."""

    code: str
    group: str = "x"
    closed: str | None = None


class Parameters(BaseModel):
    """What a kind can set: measures in a list, steps, rests by code, and plain names."""

    steps: list[Step] = []
    models: list[str] = []
    usual: str = ""

    measures: list[Measure] = []
    rests: dict[str, dict[str, int]] = {}
    labels: dict[str, str] = {}


NAMES = ("usage", "support", "payments", "sponsor")
LISTED = Parameters(measures=[Measure(name=name) for name in NAMES])
KEYED = Parameters(rests={name: {"days": 30} for name in NAMES})


def told(*conditions: str, parameters: Parameters, head: str = "") -> list[str]:
    """Return what is found of rules with these conditions."""
    of = replace(rules(*conditions, head=head), parameters=parameters)
    found = [*repeated(of)]
    assert {each.code for each in found} <= {Code.LISTS_DIFFER}
    return [f"{each.subject} {each.message}" for each in found]


@pytest.mark.parametrize(
    ("parameters", "path"), [(LISTED, "parameters.measures"), (KEYED, "parameters.rests")]
)
def test_what_no_list_holds_is_told(parameters: Parameters, path: str) -> None:
    """A name that was added to the parameters, and forgotten where the others are named."""
    assert told('thing.name in ["usage", "support", "payments"]', parameters=parameters) == [
        f"rule r0 lists names of {path} by hand, of which no list, rule or claim mentions 'sponsor'"
    ]


def test_what_is_not_defined_is_told() -> None:
    """A name in a list of others is misspelt, or its definition is gone."""
    head = 'constants:\n  ours: ["usage", "support", "payment", "sponsor", "payments"]\n'
    (said,) = told("thing.name in ours", parameters=LISTED, head=head)
    assert said.startswith("constant ours lists 'payment' beside names of parameters.measures,")


@pytest.mark.parametrize(
    "condition",
    [
        'thing.name in ["usage", "support", "payments", "sponsor"]',
        'thing.name in ["usage", "support", "payments"] || thing.name == "sponsor"',
        'thing.name in ["usage", "sponsor"]',  # two of four are a choice, and no list of all
        'thing.name in ["DE", "AT", "CH"]',
        'thing.name == "usage"',
    ],
)
def test_lists_that_agree_or_choose_are_sound(condition: str) -> None:
    """All names somewhere, a choice of few, or a list of something else."""
    assert told(condition, parameters=LISTED) == []


def test_what_a_rule_claims_is_known() -> None:
    """A code that a rule claims need not be defined anywhere else."""
    listed = 'thing.name in ["usage", "support", "payments", "sponsor", "rule-0"]'
    assert told(listed, parameters=LISTED) == []


OPEN = [Step(code=name) for name in NAMES]
STEPS = Parameters(steps=[*OPEN, Step(code="gone", closed="lost"), Step(code="won", closed="won")])
GROUPED = Parameters(steps=[Step(code=f"c{name}", group=name) for name in (*NAMES, *NAMES)])


@pytest.mark.parametrize(
    ("conditions", "parameters", "start"),
    [
        (  # one after the other, in one condition
            ['thing.name == "usage" || thing.name == "support" || thing.name == "payments"'],
            LISTED,
            "rule r0 compares thing.name with names of parameters.measures by hand",
        ),
        (  # rule by rule, as the rows of a table do
            ['thing.name == "usage"', 'thing.name == "support"', 'thing.name == "payments"'],
            KEYED,
            "rule r0 compares thing.name with names of parameters.rests by hand",
        ),
        (  # as the keys of a map
            ['{"usage": 1, "support": 2, "payments": 3}[thing.name] > 1'],
            LISTED,
            "rule r0 lists names of parameters.measures by hand",
        ),
        (  # texts that are no entries of anything
            ['thing.name in ["usage", "support", "payments"]'],
            Parameters(models=[*NAMES]),
            "rule r0 lists names of parameters.models by hand",
        ),
        (  # what is closed need not be named with what is open
            ['thing.name in ["usage", "support", "payments"]'],
            STEPS,
            "rule r0 lists names of parameters.steps.code by hand",
        ),
        (  # what several entries share
            ['thing.name in ["usage", "support", "payments"]'],
            GROUPED,
            "rule r0 lists names of parameters.steps.group by hand",
        ),
    ],
)
def test_however_names_are_written_out(
    conditions: list[str], parameters: Parameters, start: str
) -> None:
    """What is forgotten is told of maps, comparisons and whole tables as it is of lists."""
    (said,) = told(*conditions, parameters=parameters)
    assert said == f"{start}, of which no list, rule or claim mentions 'sponsor'"


def test_what_other_parameters_name_is_not_forgotten() -> None:
    """A name may be what is usual, and then no rule needs to mention it."""
    usual = Parameters(models=[*NAMES], usual="sponsor")
    assert told('thing.name in ["usage", "support", "payments"]', parameters=usual) == []


def test_a_comparison_with_something_near_a_name() -> None:
    """Outside a list a text may be anything; what is near a name is taken for it."""
    near = ["usage", "support", "payments", "sponsor", "payment", "n/a"]
    (said,) = told(*(f'thing.name == "{name}"' for name in near), parameters=LISTED)
    assert said.startswith("rule r0 compares thing.name with 'payment' beside names of")
