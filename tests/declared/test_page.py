"""docs/own-facts.md: what it shows is what happens."""

import asyncio
import json
import re
from pathlib import Path

from google.protobuf.json_format import ParseDict

from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.decision_service_pb2 import DecideRequest
from tests.declared.folder import read

PAGE = Path(__file__).parents[2] / "docs" / "own-facts.md"
FILE = re.compile(r"^`(\S+)`:\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = (
    "ruleset: qualify\nversion: 1\nowner: sales\nbecause: First.\nparameters: {currency: EUR,"
    " min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}\n"
)


def test_the_page_of_own_facts_is_true(tmp_path: Path) -> None:
    """Its files are sound, its cases pass, and its question is taken."""
    files = dict(FILE.findall(PAGE.read_text()))
    assert {*files} == {"properties.yaml", "qualify/v1.yaml", "qualify/v1.cases.yaml"}
    files["qualify/v1.yaml"] = HEAD + files["qualify/v1.yaml"]
    for name, text in files.items():
        (tmp_path / "rules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "rules" / name).write_text(text)
    checked = read(tmp_path / "rules").needing_all()
    (file,) = checked.files
    assert all(not tried.failures for tried in asyncio.run(run_cases(NativeEngine(), [file])))
    (question,) = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    request = ParseDict(json.loads(question), pb.QualifyLeadRequest())
    assert not file.kind.admitted(request.facts, file.ruleset.parameters, 1_780_315_200 * 10**9)[1]


def test_the_page_of_own_decisions_is_true(tmp_path: Path) -> None:
    """Its kind is sound, its cases pass, and its question is taken."""
    page = PAGE.with_name("own-decisions.md").read_text()
    files = dict(FILE.findall(page))
    assert {*files} == {"kind.yaml", "v1.yaml", "v1.cases.yaml"}
    home = tmp_path / "rules" / "deal_registration"
    home.mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_text(text)
    (file,) = read(tmp_path / "rules").needing_all().files
    assert all(not tried.failures for tried in asyncio.run(run_cases(NativeEngine(), [file])))
    (question,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    request = ParseDict(json.loads(question), DecideRequest())
    assert not file.kind.admitted(request.facts, file.ruleset.parameters, 0)[1]
