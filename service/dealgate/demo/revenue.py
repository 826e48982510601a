"""A deal that was won, and the seven times they met us on the way."""

from dealgate.demo.scene import Scene, ago
from dealgate_client import (
    AttributionModel,
    Milestones,
    ModelChoice,
    Opportunity,
    Touch,
    TouchType,
    money,
)

WON = Opportunity(
    id="006-norderney",
    amount=money("EUR", "24000.01"),
    created_at=ago(days=40),
    closed_at=ago(days=0.5),
)
CLICK, FORM, MET = (
    TouchType.TOUCH_TYPE_CLICK,
    TouchType.TOUCH_TYPE_FORM,
    TouchType.TOUCH_TYPE_MEETING,
)
TOUCHES = [
    Touch(id="t1", at=ago(days=96), channel="organic_search", type=CLICK, direct=False),
    Touch(id="t2", at=ago(days=74), channel="paid_search", type=CLICK, cost=money("EUR", "6.40")),
    Touch(id="t3", at=ago(days=61), channel="webinar", type=FORM, campaign_id="plan-better"),
    Touch(id="t4", at=ago(days=44), channel="email", type=CLICK, campaign_id="plan-better"),
    Touch(id="t5", at=ago(days=40), channel="trade_show", type=MET, cost=money("EUR", "1800")),
    Touch(id="t6", at=ago(days=12), channel="direct", type=CLICK, direct=True),
    Touch(id="t7", at=ago(days=0.1), channel="paid_search", type=CLICK, direct=False),
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
