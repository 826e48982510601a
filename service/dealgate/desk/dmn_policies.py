"""The hit policy of a DMN table, by name or by letter, with what it aggregates by."""

from xml.etree import ElementTree as ET

from dealgate.model.rules import HitPolicy

AGGREGATIONS = {
    "SUM": HitPolicy.SUM, "MIN": HitPolicy.MIN, "MAX": HitPolicy.MAX, "COUNT": HitPolicy.COUNT
}  # fmt: skip
POLICIES = {
    "UNIQUE": HitPolicy.UNIQUE,
    "FIRST": HitPolicy.FIRST,
    "ANY": HitPolicy.ANY,
    "PRIORITY": HitPolicy.PRIORITY,
    "RULE ORDER": HitPolicy.RULE_ORDER,
    "OUTPUT ORDER": HitPolicy.OUTPUT_ORDER,
    "COLLECT": HitPolicy.RULE_ORDER,
}
LETTERS = {
    "U": "UNIQUE", "F": "FIRST", "A": "ANY", "P": "PRIORITY",
    "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}  # fmt: skip
SIGNS = {"C+": "SUM", "C<": "MIN", "C>": "MAX", "C#": "COUNT"}


def policy_of(table: ET.Element) -> tuple[HitPolicy, list[str]]:
    """Return a table's policy, and what of it is not known here."""
    written = (table.get("hitPolicy") or "UNIQUE").strip()
    upper = written.upper().replace("_", " ")
    name = "COLLECT" if upper in SIGNS else LETTERS.get(upper, upper)
    aggregation = (table.get("aggregation") or SIGNS.get(upper, "")).strip().upper()
    if name not in POLICIES:
        return HitPolicy.UNIQUE, [f"hit policy {written}: read as UNIQUE"]
    if not aggregation:
        return POLICIES[name], []
    if name != "COLLECT":
        return POLICIES[name], [f"aggregation {aggregation}: only COLLECT aggregates"]
    if aggregation not in AGGREGATIONS:
        return POLICIES[name], [f"aggregation {aggregation}: each row that matches claims"]
    return AGGREGATIONS[aggregation], []
