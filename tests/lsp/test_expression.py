"""What stands at a place in CEL that is not finished."""

import pytest

from dealgate.lsp.expression import chain_at, compared, in_text, ranged


@pytest.mark.parametrize(
    ("before", "links", "word"),
    [
        ("lead.company.emp", ("lead", "company"), "emp"),
        ("!lead.", ("lead",), ""),
        ("a && b[0].c.", ("b", "[]", "c"), ""),
        ("lead . company . x", ("lead", "company"), "x"),
        ("amount >= mon", (), "mon"),
        ("", (), ""),
    ],
)
def test_a_chain_is_what_stands_before_the_last_point(
    before: str, links: tuple[str, ...], word: str
) -> None:
    """The names that lead to what is being written."""
    chain = chain_at(before, len(before))
    assert (chain.links, chain.word, chain.called) == (links, word, False)


def test_what_follows_a_call_is_told_apart() -> None:
    """The type of `filter(…)` is not read off the name before it."""
    assert chain_at("a.filter(x, x.b).", 17).called


@pytest.mark.parametrize(
    ("before", "steps"),
    [
        ("lead.seniority == ", ("lead", "seniority")),
        ("a && lead.seniority != SEN", ("lead", "seniority")),
        ("x.type in [A, B, ", ("x", "type")),
        ("x.type in [", ("x", "type")),
        ("x.type in [A] && ", ()),
        ("x.a >= ", ()),
    ],
)
def test_what_a_value_is_compared_with(before: str, steps: tuple[str, ...]) -> None:
    """Right of == and !=, and inside a list after `in`."""
    assert compared(before) == steps


def test_a_macro_lets_its_variable_range_over_a_list() -> None:
    """The innermost macro that names the variable counts."""
    assert ranged("activities.exists(x, x.a) && bant.all(x, x.", "x") == ("bant",)
    assert ranged("activities.exists(x, y.", "y") == ()


@pytest.mark.parametrize(
    ("before", "inside"),
    [('a == "D', True), ('a == "', True), ('a == "D"', False), ("a", False), ("a == 'x\\'", True)],
)
def test_inside_a_text_no_name_is_written(before: str, inside: bool) -> None:  # noqa: FBT001
    """An open quote holds a text."""
    assert in_text(before) is inside
