"""A deal that was won, and the seven times they met us on the way."""

from typing import Any

from dealgate.demo.scene import Scene, ago
from dealgate_client import (
    AttributionModel,
    Milestones,
    ModelChoice,
    Opportunity,
    OpportunityType,
    Touch,
    TouchType,
    money,
)

WON = Opportunity(
    id="006-norderney",
    amount=money("EUR", "24000.01"),
    type=OpportunityType.OPPORTUNITY_TYPE_NEW_BUSINESS,
    created_at=ago(days=40),
    closed_at=ago(days=0.5),
)
CLICK, FORM, MET = (
    TouchType.TOUCH_TYPE_CLICK,
    TouchType.TOUCH_TYPE_FORM,
    TouchType.TOUCH_TYPE_MEETING,
)


def touch(known: str, days: float, channel: str, kind: "TouchType.ValueType", **more: Any) -> Touch:
    """Return a touch that many days before the demo, by somebody who does not work for us."""
    return Touch(id=known, at=ago(days=days), channel=channel, type=kind, internal=False, **more)


TOUCHES = [
    touch("t1", 96, "organic_search", CLICK),
    touch("t2", 74, "paid_search", CLICK, cost=money("EUR", "6.40")),
    touch("t3", 61, "webinar", FORM, campaign_id="plan-better"),
    touch("t4", 44, "email", CLICK, campaign_id="plan-better"),
    touch("t5", 40, "trade_show", MET, cost=money("EUR", "1800")),
    touch("t6", 12, "direct", CLICK, direct=True),
    touch("t7", 0.1, "paid_search", CLICK),
]
MODELS = [
    ModelChoice(model=model)
    for model in (
        AttributionModel.ATTRIBUTION_MODEL_FIRST,
        AttributionModel.ATTRIBUTION_MODEL_LAST_NON_DIRECT,
        AttributionModel.ATTRIBUTION_MODEL_LINEAR,
        AttributionModel.ATTRIBUTION_MODEL_TIME_DECAY,
        AttributionModel.ATTRIBUTION_MODEL_U_40_20_40,
        AttributionModel.ATTRIBUTION_MODEL_W,
    )
]

SCENES = (
    Scene(
        "They signed this morning, for 24,000.01 €. Which channels earned it, to the cent, and"
        " how much does the answer depend on whom you ask?",
        lambda client, trace: client.attribute_revenue(
            metadata=trace,
            opportunity=WON,
            touches=TOUCHES,
            milestones=Milestones(lead_created_at=ago(days=60)),
            models=MODELS,
        ),
    ),
)
