"""The impact of a version, as a job for spark-submit: the document of `dealgate impact` as JSON.

    spark-submit --master … deploy/spark/impact.py rules qualify 2 3 /data/export impact.json

Every worker needs `dealgate[spark]` of the same release, and sees the exported folder.
"""

import json
import sys
import time
from pathlib import Path

from dealgate.assemble.impacts import Spec
from dealgate.assemble.spark import impact_on_spark, session_on, travelling
from dealgate.desk.reading import read_rules
from dealgate.foresight.assessing import Clock
from dealgate.foresight.concluding import TREATED
from dealgate.foresight.reporting import AssessedVersions, document
from dealgate.model.instants import DAY

WINDOW_DAYS = 90


def main(rules: str, kind: str, old: str, new: str, folder: str, output: str) -> None:
    """Write what the version `new` makes of decisions that `old` would take."""
    clock = Clock(time.time_ns(), WINDOW_DAYS * DAY)
    work = travelling(Spec(rules, kind, int(old), int(new), clock))
    catalog = read_rules(Path(rules), kind)
    before, after = catalog.version(kind, int(old)), catalog.version(kind, int(new))
    treated = TREATED.get(kind)
    asked = AssessedVersions(
        catalog.kinds[kind], before, after, "default", None, None, WINDOW_DAYS, treated
    )
    impact = impact_on_spark(work, Path(folder), session_on(None))
    Path(output).write_text(json.dumps(document(asked, impact), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
