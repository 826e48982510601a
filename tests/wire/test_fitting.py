"""Claims about fitting attribution models over the wire: a real server, a real client."""

import pytest

from dealgate_client import (
    AsyncClient,
    AttributionModel,
    InvalidQuestion,
    JourneyPath,
    PathTransform,
    PathTransformType,
)
from tests.wire.conftest import opened

MARKOV = AttributionModel.ATTRIBUTION_MODEL_MARKOV


async def test_a_model_is_fitted_for_its_caller() -> None:
    """What is returned is what `attribute_revenue` takes: an id, weights, and what they mean."""
    async with opened() as house, AsyncClient(f"127.0.0.1:{house.port}", timeout=60) as client:
        fitted = await client.fit_attribution_model(
            "2026-q3",
            MARKOV,
            [JourneyPath(channels=["ads", "ads", "mail"], conversions=3, nulls=1)],
            path_transforms=[PathTransform(type=PathTransformType.PATH_TRANSFORM_TYPE_EXPOSURE)],
        )
    assert (fitted.id, fitted.conversion_probability.value) == ("2026-q3", "0.75")
    assert [(each.channel, each.weight.value) for each in fitted.weights] == [
        ("ads", "0.5"),
        ("mail", "0.5"),
    ]


async def test_journeys_that_teach_nothing_are_refused() -> None:
    """Nothing converted, so nothing can be learnt, and the field is named."""
    async with opened() as house, AsyncClient(f"127.0.0.1:{house.port}", timeout=60) as client:
        with pytest.raises(InvalidQuestion) as refused:
            await client.fit_attribution_model(
                "2026-q3", MARKOV, [JourneyPath(channels=["ads"], nulls=9)]
            )
    assert [each.field for each in refused.value.violations] == ["paths"]
