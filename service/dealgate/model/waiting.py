"""How long a server asks us to wait, by the Retry-After header of HTTP."""

from email.utils import parsedate_to_datetime


def retry_after(text: str, now: float) -> float:
    """Return the seconds that HTTP's Retry-After asks for: a number, or a date; else 0.

    `now` is in seconds since the epoch.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdecimal():
        return float(digits[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0
