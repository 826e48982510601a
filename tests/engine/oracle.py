"""cel-cpp as the oracle: what an expression comes to, by Google's own evaluator."""

import datetime as dt
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2, money_pb2

from dealgate.language.environment import environment_yaml
from dealgate.language.operations import DECLARATIONS, OPERATIONS
from dealgate.language.scope import enum_constants
from dealgate.language.values import NANOS, CurrenciesDiffer, Failure, Unknown, value_of
from tests.engine.specimen import COLORS, FACTS

MARKER = "missing fact"
UNKNOWN, ERROR = "unknown", "error"
TYPES = {
    **{name: name for name in ("bool", "int", "uint", "double", "string")},
    **{name: name for name in ("timestamp", "duration")},
    **{name.lower(): f"google.type.{name}" for name in ("Money", "Date", "Decimal")},
}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def evaluate(expression: cel.Expression, facts: Any, as_of: int, **bound: Any) -> bool | str:
    """Return true or false, or the name of what there is instead of a value.

    `bound` is the variable of `each`, if there is one.
    """
    data = {"thing": facts.thing, "items": list(facts.items), "as_of": _instant(as_of)}
    data |= {"stage": facts.stage, "has_stage": facts.HasField("stage")}
    data |= {"goal": facts.goal, "has_goal": facts.HasField("goal")}
    data |= {name: number for name, (_, number) in enum_constants(FACTS).items()}
    value = expression.eval(data=data | bound)
    if value.type() == cel.Type.ERROR:
        return UNKNOWN if MARKER in value.value() else ERROR
    result: bool = value.value()
    return result


def outcome(judgement: Any) -> bool | str:
    """Write our own engine's judgement the same way."""
    if isinstance(judgement, Unknown):
        return UNKNOWN
    return ERROR if isinstance(judgement, Failure) else bool(judgement)


def environment() -> cel.Env:
    """Return an environment with everything a rule may use, and the `missing_…` functions."""
    lines = [environment_yaml().rstrip()]
    for name, type_ in TYPES.items():
        lines.append(f'  - name: "missing_{name}"\n    overloads:')
        lines.append(
            f'      - {{id: "missing_{name}", args: [], return: {{type_name: "{type_}"}}}}'
        )
    variables = dict.fromkeys(COLORS[1:], cel.Type.INT)
    variables |= {"thing": cel.Type("specimen.Thing"), "as_of": cel.Type.TIMESTAMP}
    variables |= {"stage": cel.Type.STRING, "goal": cel.Type("google.type.Money")}
    variables |= {"has_stage": cel.Type.BOOL, "has_goal": cel.Type.BOOL}
    variables["x"] = cel.Type("specimen.Thing")
    variables["items"] = cel.Type.List(cel.Type("specimen.Thing"))
    return cel.NewEnv(
        descriptor_pool.Default(),
        config=cel.NewEnvConfigFromYaml("\n".join(lines) + "\n"),
        variables=variables,
        function_impls={**{f"missing_{name}": _missing for name in TYPES}, **_declared()},
    )


def _missing() -> Any:
    raise ValueError(MARKER)


def _declared() -> dict[str, Any]:
    # What cel-cpp brings itself stays its own; only Dealgate's additions are lent to it. At run
    # time it tells messages apart from scalars but not from each other, so that Money stands for
    # all three: ours compare as tuples and Decimals do, whichever they are. A product of two has
    # no such way out, and is tested in tests/language/test_decimals.py.
    ours = ("money", "days_between", "lower", "date_of", "decimal_of")
    return {
        each.id: _adapted(_ordering(each.function) or OPERATIONS[each.id].call)
        for each in DECLARATIONS
        if any(word in each.id for word in ours) and not each.id.startswith("multiply")
    }


def _ordering(function: str) -> Any:
    compare: Any = {"_<_": lt, "_<=_": le, "_>_": gt, "_>=_": ge}.get(function)
    return compare and (lambda a, b: compare(*(_amounts(a, b) if _is_money(a) else (a, b))))


def _amounts(a: tuple[str, int], b: tuple[str, int]) -> tuple[int, int]:
    if a[0] != b[0]:
        raise CurrenciesDiffer("currencies differ")
    return a[1], b[1]


def _is_money(value: Any) -> bool:
    return isinstance(value, tuple) and isinstance(value[0], str)


def _adapted(call: Any) -> Any:
    def lent(*arguments: Any) -> Any:
        try:
            return _to_cel(call(*map(_from_cel, arguments)))
        except CurrenciesDiffer:
            # Without a rate the amounts cannot be read, which is a fact that is missing.
            raise ValueError(MARKER) from None

    return lent


def _from_cel(value: Any) -> Any:
    if isinstance(value, Message):
        return value_of(value)
    if isinstance(value, dt.datetime):
        passed = value.astimezone(dt.UTC) - EPOCH
        return ((passed.days * 86_400 + passed.seconds) * 10**6 + passed.microseconds) * 1000
    return value


def _to_cel(value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_pb2.Decimal(value=str(value))
    if _is_money(value):
        units, nanos = divmod(abs(value[1]), NANOS)
        sign = -1 if value[1] < 0 else 1
        return money_pb2.Money(currency_code=value[0], units=sign * units, nanos=sign * nanos)
    if isinstance(value, tuple):
        return date_pb2.Date(year=value[0], month=value[1], day=value[2])
    return value


def _instant(nanos: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=nanos // 1000)
