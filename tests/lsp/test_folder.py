"""What is said while somebody types is what a fresh look at the folder would say."""

import random
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dealgate.lsp.checking import CheckVerdict, RememberingChecker
from dealgate.lsp.folder import Folder
from dealgate.lsp.folder_contents import Outrun
from tests.small import RULES

CHECKER = RememberingChecker()
NUMBER = re.compile(r"(?<=[<>=] )\d+\b")
TABLE = "tables:\n  - id: size\n    hit: unique\n    because: By size.\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The small kinds, and a draft of qualify."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    home = folder / "qualify"
    draft = (home / "v2.yaml").read_text().replace("version: 2", "version: 3")
    (home / "v3.yaml").write_text(draft)
    shutil.copy(home / "v2.cases.yaml", home / "v3.cases.yaml")
    return folder


@pytest.fixture
def fresh(rules: Path, tmp_path: Path) -> Callable[[], Folder]:
    """Return what makes a look at the folder that knows nothing of it."""
    return lambda: Folder(rules, CHECKER, tmp_path)


def said(told: Sequence[CheckVerdict]) -> list[str]:
    """Return what is told, with how grave it is, in one order."""
    return sorted(f"{each.severity.value} {each.fault}" for each in told)


def edits(text: str, rng: random.Random) -> str:
    """Return the text after a random edit."""
    lines = text.split("\n")
    match rng.randrange(6):
        case 0:
            numbers = [*NUMBER.finditer(text)]
            if numbers:
                number = rng.choice(numbers)
                return text[: number.start()] + str(rng.randint(0, 400)) + text[number.end() :]
        case 1:
            lines.insert(rng.randrange(len(lines)), "# a comment")
        case 2:
            del lines[rng.randrange(len(lines))]
        case 3:
            position = rng.randrange(len(lines))
            lines[position] = lines[position][:-1]
        case 4:
            return text.replace("because: ", "because: Now ", 1)
        case _:
            return text.replace("lead.", "leed.", 1)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_typing_costs_nothing_in_truth(rules: Path, fresh: Callable[[], Folder], seed: int) -> None:
    """After each of many edits, in rules, cases and a table, nothing is missing and nothing old."""
    rng, home = random.Random(seed), rules / "qualify"
    paths = [home / "v3.yaml", home / "v3.cases.yaml", home / "v2.yaml", home / "v3.size.csv"]
    sound = {path: path.read_text() for path in paths[:3]}
    sound[paths[0]] += TABLE
    sound[paths[3]] = "id,lead.company.employees,then.disposition,then.code\n"
    sound[paths[3]] += "small,< 50,nurture,SIZE-01\nlarge,>= 60,nurture,SIZE-02\n"
    folder, opened = fresh(), dict(sound)
    for number in range(12):
        path = rng.choice(paths[:3]) if number % 4 else paths[0]
        edited = edits(sound[path], rng) if rng.random() < 0.7 else sound[path]
        opened = {**opened, path: edited}
        assert said(folder.told(opened).told) == said(fresh().told(opened).told), (
            f"edit {number} of {path}"
        )


@pytest.mark.parametrize(
    ("edit", "typed", "proved"),
    [
        (("version: 3\n", "version: 3\n\n# A comment moves every line.\n"), 0, 0),
        (("because: ", "because: Now "), 0, 0),
        (("< small", "< small + 1"), 1, 2),
        (("< small", "< "), 0, 0),
    ],
    ids=["comment", "reason", "condition", "half typed"],
)
def test_a_keystroke_costs_what_it_changes(
    rules: Path,
    fresh: Callable[[], Folder],
    edit: tuple[str, str],
    typed: int,
    proved: int,
) -> None:
    """Only what changed is typed; it is proved at rest, with what follows from it."""
    path = rules / "qualify" / "v3.yaml"
    text, folder = path.read_text(), fresh()
    assert edit[0] in text
    folder.told({path: text})
    before = CHECKER.typed, folder.memory.proved

    changed = text.replace(*edit, 1)
    quick = folder.told({path: changed}, prove=False)
    assert (CHECKER.typed - before[0], folder.memory.proved - before[1]) == (typed, 0)
    assert quick.whole == (proved == 0)

    whole = folder.told({path: changed})
    assert (CHECKER.typed - before[0], folder.memory.proved - before[1]) == (typed, proved)
    assert said(whole.told) == said(fresh().told({path: changed}).told)


def test_who_is_outrun_stops_and_forgets_nothing(rules: Path, fresh: Callable[[], Folder]) -> None:
    """A check that nobody waits for ends before its next rule; the next one is whole."""
    path = rules / "qualify" / "v3.yaml"
    text, folder = path.read_text(), fresh()
    with pytest.raises(Outrun):
        folder.told({path: text}, lambda: True)
    assert said(folder.told({path: text}).told) == said(fresh().told({path: text}).told)


def test_what_others_change_is_read_once_it_is_told_of(
    rules: Path, fresh: Callable[[], Folder]
) -> None:
    """A file that is not open is read again after the editor has said that it changed."""
    path, folder = rules / "qualify" / "v3.yaml", fresh()
    before = said(folder.told({path: path.read_text()}).told)
    (rules / "qualify" / "stray.txt").write_text("x")
    folder.forget()
    after = said(folder.told({path: path.read_text()}).told)
    assert before != after
    assert said(fresh().told({path: path.read_text()}).told) == after
