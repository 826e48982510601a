"""How a journal is encrypted: which facts are personal, and by which master key."""

from dealgate.journal.sealed.terms import Sealing
from dealgate.kinds import KINDS
from dealgate.model.subjects import Messages, messages_of
from dealgate.settings import Settings


def sealing(settings: Settings) -> Sealing:
    """Return how a server's journal is encrypted, if it is."""
    return Sealing(kind_messages, settings.journal_master_key)


def kind_messages(kind: str) -> Messages:
    """Return the facts and the answer of a kind, by its name."""
    return messages_of(KINDS.get(kind))
