"""`matches` finds in the bytes of a text what RE2 finds in the text."""

from random import Random

from dealgate.language.functions import compiled, matches

PATTERNS = (
    *("[^ ]", "^a", "é$", ".", "^.$", r"\w+", "(?i)z", "^$", "[😀€]", "a.*1", r"\bé"),
    *("^.{3}$", "(?s)^.{2}$", r"\pL", "^[^a]*$", r"\x{20ac}"),
)
LETTERS = "aé€😀 .\n1Z_"


def test_a_text_matches_in_bytes_as_in_characters() -> None:
    """Whatever its characters take."""
    random = Random("matches")
    for _ in range(4000):
        text = "".join(random.choice(LETTERS) for _ in range(random.randint(0, 8)))
        pattern = random.choice(PATTERNS)
        assert matches(text, pattern) is (compiled(pattern).search(text) is not None)
