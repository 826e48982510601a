"""Terms: what the authors of rules write."""

from dealgate.model.office_hours import OfficeHours


def test_a_copy_is_worked_out_anew() -> None:
    """What was worked out of the terms before is not what follows from changed ones."""
    usual = OfficeHours(opens=8)
    assert usual.office.opens == 8
    assert usual.model_copy(update={"opens": 10}).office.opens == 10
