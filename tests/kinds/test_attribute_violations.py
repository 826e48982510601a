"""Claims about what is refused in the facts and the rules of an attribution."""

import pytest
from google.protobuf import text_format

from dealgate.kinds.attribute import ATTRIBUTE
from dealgate.kinds.attribute.terms import AttributeEffect, AttributeParameters
from dealgate.v1 import attribute_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds.attributing import AS_OF, facts, touch

PARAMETERS = AttributeParameters.model_validate({})


def broken(question: pb.AttributeFacts) -> list[str]:
    """Return the fields that are refused."""
    found = ATTRIBUTE.check(question, PARAMETERS, AS_OF)
    return [violation.field for violation in found]


SMALL, TINY = f"'1/{10**149 - 1}'", f"'1/{10**149}'"
MOST = f"units: {2**63 - 1}"
COSTLY = (
    f"touches {{ id: 'b' at {{}} channel: 'x' cost {{ currency_code: 'USD' {MOST} }} }}"
    "touches { id: 'c' at {} channel: 'x' cost { currency_code: 'USD' units: 1 } }"
)
SOUND = """
    opportunity { id: "O-1" amount { currency_code: "USD" units: 100 } closed_at { seconds: 9 } }
    touches { id: "a" at { seconds: 1 } channel: "email" }
    models { model: ATTRIBUTION_MODEL_FIRST }
"""
FITTED = (
    "fitted_models { id: 'm' model: ATTRIBUTION_MODEL_MARKOV"
    " weights { channel: 'a' weight { value: '1' } } }"
)
ORIGINAL = 'original { model: ATTRIBUTION_MODEL_FIRST credits { touch_id: "a" exact_share: "1" } }'
REFUND = "type: ADJUSTMENT_TYPE_REFUND amount { currency_code: 'USD' units: -1 }"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opportunity { id: '' }", ["opportunity.id"]),
        ("models { model: ATTRIBUTION_MODEL_MARKOV }", ["models[1].fitted_model_id"]),
        (
            "models { model: ATTRIBUTION_MODEL_LINEAR fitted_model_id: 'm' }",
            ["models[1].fitted_model_id"],
        ),
        (
            "models { model: ATTRIBUTION_MODEL_MARKOV fitted_model_id: 'm' }",
            ["models[1].fitted_model_id"],
        ),
        (
            f"{FITTED} models {{ model: ATTRIBUTION_MODEL_SHAPLEY_SET fitted_model_id: 'm' }}",
            ["models[1].fitted_model_id"],
        ),
        (f"{FITTED} {FITTED}", ["fitted_models[1].id"]),
        (
            "fitted_models { weights { weight { value: '-1' } position: 1 } }",
            [
                "fitted_models[0].id",
                "fitted_models[0].model",
                "fitted_models[0].weights[0].channel",
                "fitted_models[0].weights[0].weight",
                "fitted_models[0].weights[0].position",
            ],
        ),
        (
            (
                "fitted_models { id: 'm' model: ATTRIBUTION_MODEL_SHAPLEY_ORDERED"
                " weights { channel: 'a' weight { value: '1' } }"
                " weights { channel: 'b' position: 0 weight { value: '1' } } }"
            ),
            ["fitted_models[0].weights[0].position", "fitted_models[0].weights[1].position"],
        ),
        (
            (
                "fitted_models { id: 'm' model: ATTRIBUTION_MODEL_MARKOV"
                " weights { channel: 'a' weight { value: '1' } }"
                " weights { channel: 'a' weight { value: '1' } } }"
            ),
            ["fitted_models[0].weights[1]"],
        ),
        ("fitted_models { id: 'm' model: ATTRIBUTION_MODEL_MARKOV }", ["fitted_models[0].weights"]),
        (
            (
                "path_transforms { } path_transforms { type: PATH_TRANSFORM_TYPE_TRIM_LONG_PATH }"
                " path_transforms { type: PATH_TRANSFORM_TYPE_TRIM_LONG_PATH steps: 0 }"
                " path_transforms { type: PATH_TRANSFORM_TYPE_FIRST channels: 'a' }"
                " path_transforms { type: PATH_TRANSFORM_TYPE_REMOVE_IF_NOT_ALL steps: 1 }"
            ),
            [
                "path_transforms[0].type",
                "path_transforms[1].steps",
                "path_transforms[2].steps",
                "path_transforms[3].channels",
                "path_transforms[4].channels",
                "path_transforms[4].steps",
            ],
        ),
        ("opportunity { closed_at { seconds: 99999999999 } }", ["opportunity.closed_at"]),
        ("opportunity { created_at { seconds: 10 } }", ["opportunity.created_at"]),
        ("touches { }", ["touches[1].id", "touches[1].at", "touches[1].channel"]),
        ("touches { id: 'a' at { seconds: 1 } channel: 'x' }", ["touches[1].id"]),
        ("touches { id: 'b' at { seconds: 99999999999 } channel: 'x' }", ["touches[1].at"]),
        (
            "touches { id: 'b' at {} channel: 'x' cost { currency_code: 'EUR' units: 1 } }",
            ["touches[1].cost"],
        ),
        (
            "touches { id: 'b' at {} channel: 'x' cost { currency_code: 'USD' units: -1 } }",
            ["touches[1].cost"],
        ),
        (
            COSTLY,
            ["touches"],
        ),
        ("milestones { first_touch_id: 'nobody' }", ["milestones.first_touch_id"]),
        ("models { }", ["models[1].model"]),
        ("models { model: ATTRIBUTION_MODEL_CUSTOM }", ["models[1].weights"]),
        ("models { model: ATTRIBUTION_MODEL_CUSTOM weights { } }", ["models[1].weights"]),
        (
            "models { model: ATTRIBUTION_MODEL_CUSTOM weights { first { value: '-1' } } }",
            ["models[1].weights.first"],
        ),
        (
            "models { model: ATTRIBUTION_MODEL_W weights { first { value: '1' } } }",
            ["models[1].weights"],
        ),
        (
            "models { model: ATTRIBUTION_MODEL_TIME_DECAY half_life_days: 0 }",
            ["models[1].half_life_days"],
        ),
        (
            "models { model: ATTRIBUTION_MODEL_LINEAR half_life_days: 7 }",
            ["models[1].half_life_days"],
        ),
        ("lookback_days: 0", ["lookback_days"]),
        ("lookback_days: 3651", ["lookback_days"]),
        ("reporting { }", ["reporting.currency_code", "reporting.rate"]),
        ("reporting { currency_code: 'EUR' rate { value: '0' } }", ["reporting.rate"]),
        ("reporting { currency_code: 'ZZZ' rate { value: '1' } }", ["reporting.currency_code"]),
        (
            "reporting { currency_code: 'EUR' rate { value: '1" + 30 * "0" + "' } }",
            ["reporting.rate"],
        ),
        (
            "adjustment { }",
            ["adjustment.type", "adjustment.amount", "adjustment.original", "models"],
        ),
        (
            f"adjustment {{ {REFUND.replace('-1', '1')} {ORIGINAL} }}",
            ["adjustment.amount", "models"],
        ),
        (
            f"adjustment {{ {REFUND.replace('USD', 'EUR')} {ORIGINAL} }}",
            ["adjustment.amount", "models"],
        ),
    ],
)
def test_every_bad_fact_is_refused_where_it_stands(text: str, expected: list[str]) -> None:
    """Each fault is named by its path, and nothing else is."""
    question = text_format.Parse(SOUND, pb.AttributeFacts())
    assert broken(question) == []
    question.MergeFrom(text_format.Parse(text, pb.AttributeFacts()))
    assert sorted(broken(question)) == sorted(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("touch_id: 'a' exact_share: 'x'", ["credits[0].exact_share"]),
        ("touch_id: 'a' exact_share: '1/0'", ["credits[0].exact_share"]),
        ("touch_id: 'a' exact_share: '-1/2'", ["credits[0].exact_share"]),
        ("exact_share: '1'", ["credits[0].touch_id"]),
        (
            "touch_id: 'a' exact_share: '2/3' } credits { touch_id: 'b' exact_share: '2/3'",
            ["credits"],
        ),
        (
            "touch_id: 'a' exact_share: '1/3' } credits { touch_id: 'a' exact_share: '1/3'",
            ["credits[1].touch_id"],
        ),
        (
            f"touch_id: 'a' exact_share: {SMALL} }} credits {{ touch_id: 'b' exact_share: {TINY}",
            ["credits"],
        ),
    ],
)
def test_an_original_that_we_never_answered_is_refused(given: str, expected: list[str]) -> None:
    """Shares that are no shares, or are more than all, divide nothing."""
    question = text_format.Parse(
        f"""opportunity {{ id: "O" amount {{ currency_code: "USD" units: 1 }} }} adjustment {{
        {REFUND} original {{ model: ATTRIBUTION_MODEL_FIRST credits {{ {given} }} }} }}""",
        pb.AttributeFacts(),
    )
    assert broken(question) == [f"adjustment.original[0].{path}" for path in expected]


def test_without_amount_and_close_there_is_nothing_to_divide() -> None:
    """Both are required at once; an adjustment needs no close."""
    assert broken(pb.AttributeFacts(opportunity=Opportunity(id="O"))) == [
        "opportunity.amount",
        "opportunity.closed_at",
    ]


def test_an_answer_that_no_client_would_accept_is_refused() -> None:
    """10,000 credits fit into a gRPC message; one touch more in ten models does not."""
    question = facts([], *["first"] * 10)
    question.touches.extend(touch(str(number)) for number in range(1000))
    assert broken(question) == []
    question.touches.append(touch("one more"))
    assert broken(question) == ["touches"]


@pytest.mark.parametrize(
    "effect",
    [
        {},
        {"exclude": "X", "weight": 1},
        {"weight": 0},
        {"weight": -1},
        {"exclude": "not a code"},
        {"milestone": "won"},
        {"nonsense": 1},
        {"exclude": None},
    ],
)
def test_an_effect_makes_exactly_one_claim(effect: dict[str, object]) -> None:
    """What authors may write is one of four claims, and never a weight of nothing."""
    with pytest.raises(ValueError, match="validation error"):
        AttributeEffect.model_validate(effect)


@pytest.mark.parametrize(
    "parameters",
    [{"models": []}, {"models": ["custom"]}, {"lookback_days": 0}, {"half_life_days": 0}, {"x": 1}],
)
def test_parameters_keep_their_bounds(parameters: dict[str, object]) -> None:
    """A rule set without models, or with a custom one that nobody weighed, does not load."""
    with pytest.raises(ValueError, match="validation error"):
        AttributeParameters.model_validate(parameters)
