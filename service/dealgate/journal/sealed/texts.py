"""Texts besides decisions: of results, and of the audit log.

They are encrypted so that the same words give the same text (AES-SIV): a repeated result can be
distinguished from another one by its columns.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from dealgate.journal.sealed.ciphers import always_decrypted, always_encrypted
from dealgate.journal.sealed.keyring import PSEUDONYM_BYTES, Keyring, Subject
from dealgate.journal.sealed.sealer import erased_id
from dealgate.model.audit import Audited
from dealgate.model.decision import Entity
from dealgate.model.results import Result

PREFIX = "sealed:1:"
# Who records results and asks for decisions: employees and programs of the tenant.
TELLER, PRINCIPAL = "seller", "principal"

Named: TypeAlias = tuple[str, Entity]


def teller(result: Result) -> Named:
    """Return the subject who reports a result."""
    return result.tenant, Entity(TELLER, result.recorded_by)


def caller(audited: Audited) -> Named:
    """Return the subject whose call is noted."""
    return caller_named(audited.tenant, audited.principal)


def caller_named(tenant: str, principal: str) -> Named:
    """Return the subject who calls."""
    return tenant, Entity(PRINCIPAL, principal)


def sealed_result(result: Result, entity: Subject | None, told_by: Subject) -> Result:
    """Return the result as it is kept; `entity` None: it was erased, and its words are not kept."""
    about = _of_result(result)
    return replace(
        result,
        reason=_sealed(entity, result.reason, about + b"reason"),
        because=_sealed(entity, result.because, about + b"because"),
        recorded_by=_sealed(told_by, result.recorded_by, about + b"recorded_by"),
    )


def unsealed_result(ring: Keyring, result: Result) -> Result:
    """Return a kept result as it was reported, without what was erased."""
    about, tenant = _of_result(result), result.tenant
    return replace(
        result,
        reason=_unsealed(ring, tenant, result.reason, about + b"reason"),
        because=_unsealed(ring, tenant, result.because, about + b"because"),
        recorded_by=_unsealed(
            ring, tenant, result.recorded_by, about + b"recorded_by", is_name=True
        ),
    )


def sealed_entry(audited: Audited, by: Subject) -> Audited:
    """Return an entry of the audit log as it is kept: its detail by the first word."""
    about = _of_entry(audited)
    first, blank, words = audited.detail.partition(" ")
    return replace(
        audited,
        principal=_sealed(by, audited.principal, about),
        detail=first + blank + _sealed(by, words, about),
    )


def unsealed_entry(ring: Keyring, audited: Audited) -> Audited:
    """Return a kept entry as it was noted, without who it was if that was erased."""
    about = _of_entry(audited)
    who = _unsealed(ring, audited.tenant, audited.principal, about, is_name=True)
    first, blank, words = audited.detail.partition(" ")
    said = _unsealed(ring, audited.tenant, words, about)
    return replace(audited, principal=who, detail=first + blank + said)


def pseudonyms_in(*texts: str) -> Iterator[bytes]:
    """Return whose keys these kept texts are under."""
    for text in texts:
        if (data := _data(text)) is not None:
            yield data[:PSEUDONYM_BYTES]


def _sealed(subject: Subject | None, text: str, about: bytes) -> str:
    if not text or subject is None:
        return ""
    words = always_encrypted(subject.key, text.encode("utf-8", "surrogatepass"), about)
    return PREFIX + base64.urlsafe_b64encode(subject.pseudonym + words).decode()


def _unsealed(ring: Keyring, tenant: str, text: str, about: bytes, *, is_name: bool = False) -> str:
    data = _data(text)
    if data is None:  # it was reported before anything was encrypted
        return text
    pseudonym, words = data[:PSEUDONYM_BYTES], data[PSEUDONYM_BYTES:]
    subject = ring.of(tenant, pseudonym)
    if subject is None:
        return erased_id(pseudonym) if is_name else ""
    try:
        return always_decrypted(subject.key, words, about).decode("utf-8", "surrogatepass")
    except ValueError:
        return text


def _data(text: str) -> bytes | None:
    if not text.startswith(PREFIX):
        return None
    try:
        data = base64.urlsafe_b64decode(text.removeprefix(PREFIX))
    except binascii.Error:
        return None
    return data if len(data) > PSEUDONYM_BYTES else None


def _of_result(result: Result) -> bytes:
    return f"result\n{result.tenant}\n{result.decision_id}\n".encode("utf-8", "surrogatepass")


def _of_entry(audited: Audited) -> bytes:
    return f"audit\n{audited.tenant}\n{audited.at}\n".encode("utf-8", "surrogatepass")
