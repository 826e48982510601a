"""What a check found is shown beside the line by code hosts."""

import json

from dealgate.cli.annotations import Annotation, github, sarif
from dealgate.model.codes import Severity
from dealgate.model.rules import Location

HERE = Location("rules/score/v3.yaml", 7, 5)
ODD = [Annotation(HERE, Severity.WARNING, "table-gap", "has 50 %\nadd a row: now")]


def test_a_workflow_command_is_one_line() -> None:
    """Line ends and percent signs of a message are escaped."""
    assert github(ODD) == (
        "::warning file=rules/score/v3.yaml,line=7,col=5,title=table-gap"
        "::has 50 %25%0Aadd a row: now"
    )


def test_sarif_names_the_rule_and_the_place() -> None:
    """As its version 2.1.0 has them."""
    (run,) = json.loads(sarif(ODD))["runs"]

    assert run["tool"]["driver"]["rules"] == [{"id": "table-gap"}]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("table-gap", "warning")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 5}
