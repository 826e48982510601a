"""What rules cost at most is told when they are read, with its place and a cure."""

from pathlib import Path

import pytest

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.language.cost import STEPS, parts_of
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.rulebook.loading import read_catalog
from tests.shipped import catalog

HEAD = "ruleset: qualify\nversion: 1\nowner: sales\nbecause: First.\n"
PARAMETERS = (
    "parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90,"
    " nurture_days: 30}\n"
)
HUNDRED = f"[{', '.join(map(str, range(100)))}]"
NEST = f"{HUNDRED}.map(a, {HUNDRED}.map(b, {HUNDRED}.map(c, {HUNDRED}.map(d, a + b + c + d))))"
CUBE = (
    "activities.exists(a, activities.exists(b, activities.exists(c, a.at < b.at && b.at < c.at)))"
)
TEXTS = "lead.company.technologies"
WORDS = f"{TEXTS}.exists(a, {TEXTS}.exists(b, {TEXTS}.exists(c, a != b && b != c)))"


def read(folder: Path, when: str, names: str = "") -> list[Fault]:
    """Read one draft of qualify; return its faults."""
    home = folder / "rules" / "qualify"
    home.mkdir(parents=True)
    rule = "  - id: a\n    when: >-\n      {}\n    then: {{disposition: nurture, code: FIT-01}}\n"
    rules = f"rules:\n{rule.format(when)}    because: Why.\n"
    (home / "v1.yaml").write_text(HEAD + PARAMETERS + names + rules)
    faults: list[Fault] = []
    read_catalog(folder / "rules", KINDS, CelChecker(), faults, only=["qualify"])
    return faults


def chain(first: str, step: str, length: int) -> str:
    """Return named facts f0, f1, … that each make more of the one before."""
    named = [f"  f0: {first}\n", *(f"  f{n}: '{step}'\n" for n in range(1, length + 1))]
    for number in range(1, length + 1):
        named[number] = named[number].replace("F", f"f{number - 1}")
    return "facts:\n" + "".join(named)


@pytest.mark.parametrize(
    ("first", "step", "length"),
    [
        ("lead.title", 'F.replace("", F)', 12),
        ("lead.title", "strings.quote(F)", 40),
        ("lead.title", 'regex.replace(F, "a", F)', 6),
        ("lead.title", 'F.split(",")[0] + F', 40),
        ("lead.title", "[F, F].join(F)", 9),
        ("lead.title", 'regex.extractAll(F, ".*")[0] + F', 40),
        ("'{\"a\": lead.title}'", "F.transformMap(k, v, v + v)", 40),
        ("lead.company.technologies", "F.transformList(i, t, t + t)", 40),
        ("lists.range(10000)", "F + F", 12),
    ],
)
def test_what_grows_from_fact_to_fact_is_told(
    tmp_path: Path, first: str, step: str, length: int
) -> None:
    """By whichever function: told at load, however large the number would be."""
    (fault,) = read(tmp_path, f"size(f{length}) > 5", chain(first, step, length))

    assert "this can grow to" in fault.message
    assert fault.code is Code.COST_EXCEEDED


@pytest.mark.parametrize(
    ("when", "names", "says"),
    [
        (CUBE, "", "rule a: this can take 800 s"),
        (WORDS, "", "rule a: this can take"),
        (
            "boom > 0",
            f"constants:\n  boom: size({NEST})\n",
            "constant boom: this can take",
        ),
        (
            "size(boom) > 0",
            f"facts:\n  boom: '{NEST}'\n",
            "fact boom: this can grow to 100,000,000",
        ),
        (
            "f34 == 'x'",
            "facts:\n  f0: lead.title\n"
            + "".join(f"  f{n}: f{n - 1} + f{n - 1}\n" for n in range(1, 35)),
            "fact f12: this can grow to 1,048,576 characters",
        ),
    ],
    ids=["cube", "texts", "constant", "fact", "doubling"],
)
def test_what_could_take_too_long_is_told(tmp_path: Path, when: str, names: str, says: str) -> None:
    """Nested loops over callers' lists or literals, and facts that double, before they run."""
    (fault,) = read(tmp_path, when, names)

    assert fault.message.startswith(says)
    assert fault.code is Code.COST_EXCEEDED
    assert fault.line
    assert fault.hint


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (
            " || ".join(f"lead.company.employees == {n}" for n in range(2000)),
            "is longer than 5,000",
        ),
        ("activities.exists(a, " * 25 + "true" + ")" * 25, "is nested too deeply"),
        ("size(" + "[1].map(a, " * 16 + "a" + ")" * 17 + " > 0", "is nested too deeply"),
        ("size(" + "[1].map(a, true, " * 12 + "a" + ")" * 13 + " > 0", "is nested too deeply"),
    ],
    ids=["chain", "exists", "map", "filtered map"],
)
def test_what_no_reader_follows_is_told(tmp_path: Path, when: str, says: str) -> None:
    """Chains of thousands, and nests that protobuf cannot read, are faults with a place."""
    (fault,) = read(tmp_path, when)

    assert says in fault.message
    assert "under `facts:`" in fault.hint


def test_pairs_by_id_and_short_loops_pass(tmp_path: Path) -> None:
    """What is looked up, or looked through once or twice, is nobody's fault."""
    pairs = "activities.exists(a, activities.exists(b, b.id == a.id && a.at < b.at))"
    assert read(tmp_path, pairs) == []


def test_shipped_rules_are_within_the_bound() -> None:
    """Every version, released or not."""
    for ruleset in catalog().all():
        assert sum(part.steps for part in parts_of(ruleset)) <= STEPS, ruleset.name
