"""Opens the source of an address."""

from dealgate.inbox.lines import Lines
from dealgate.inbox.places import Place
from dealgate.inbox.port import Source, SourceUnusable

# ruff: noqa: PLC0415 - whoever reads a file loads no client of a broker


def open_source(place: Place, secret: str) -> Source:
    """Make the source, which connects when it is first used; raise SourceUnusable.

    `secret` is what webhooks must be signed with.
    """
    scheme = place.url.scheme
    if scheme == "jsonl":
        return Lines(place)
    if scheme == "http":
        from dealgate.inbox.posted import Posted

        return Posted(place, secret)
    try:
        if scheme == "kafka":
            from dealgate.inbox.polled import Polled

            return Polled(place)
        from dealgate.inbox.pulled import Pulled
    except ImportError as error:
        extra = "kafka" if scheme == "kafka" else "nats"
        raise SourceUnusable(
            f"a source of {scheme} needs: pip install 'dealgate[{extra}]'"
        ) from error
    return Pulled(place)
