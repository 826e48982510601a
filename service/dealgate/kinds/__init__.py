"""The kinds of decision: listed by hand, so that none is there by accident."""

from collections.abc import Mapping

from dealgate.kinds.advance import ADVANCE
from dealgate.kinds.attribute import ATTRIBUTE
from dealgate.kinds.close import CLOSE
from dealgate.kinds.convert import CONVERT
from dealgate.kinds.forecast import FORECAST
from dealgate.kinds.handoff import HANDOFF
from dealgate.kinds.health import HEALTH
from dealgate.kinds.inspect import INSPECT
from dealgate.kinds.qualify import QUALIFY
from dealgate.kinds.quota import QUOTA
from dealgate.kinds.recognize import RECOGNIZE
from dealgate.kinds.route import ROUTE
from dealgate.kinds.score import SCORE
from dealgate.kinds.verify import VERIFY
from dealgate.model.kind import AnyKind

KINDS: Mapping[str, AnyKind] = {
    kind.name: kind
    for kind in (
        VERIFY,
        SCORE,
        QUALIFY,
        ROUTE,
        CONVERT,
        ADVANCE,
        INSPECT,
        FORECAST,
        CLOSE,
        ATTRIBUTE,
        RECOGNIZE,
        QUOTA,
        HANDOFF,
        HEALTH,
    )
}
