"""A caller's trace, from its metadata: W3C trace context and B3, read here with bounds.

What a caller sends ends here: ids are hexadecimal digits of a fixed length, and of `tracestate`
only members under keys that the operator chose go on.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from dealgate.telemetry.limits import TRACE_STATE_LENGTH, TRACE_STATE_MEMBERS
from dealgate.telemetry.spans import CURRENT, Parent

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]
Extract: TypeAlias = Callable[[Metadata], Parent | None]

TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
MEMBER = re.compile(r"([a-z0-9][a-z0-9_\-*/]{0,240}(?:@[a-z][a-z0-9_\-*/]{0,13})?)=([!-+\--<>-~]+)")
# What OpenTelemetry itself writes there: the threshold and the randomness of sampling.
OWN_STATE = re.compile(r"(?:(?:th|rv):[0-9a-f]{1,14})(?:;(?:th|rv):[0-9a-f]{1,14})?")
B3_SINGLE = re.compile(r"([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?")
TRACE_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{16}")
SPAN_ID = re.compile(r"[0-9a-f]{16}")
LONGEST = 256  # characters of a header that are looked at
KEYS = frozenset({"traceparent", "tracestate", "b3"})
B3_KEYS = frozenset({"x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"})
PROPAGATORS = ("tracecontext", "baggage", "b3", "b3multi")


def extractor(propagators: Sequence[str], state_keys: Sequence[str] = ("ot",)) -> Extract:
    """Return what reads a caller's trace; the first of `propagators` that finds one counts.

    `state_keys` are the members of `tracestate` that are kept. Baggage is read by nobody.
    """
    kept = frozenset(state_keys)
    readers: dict[str, Callable[[dict[str, list[str]]], Parent | None]] = {
        "tracecontext": lambda sent: _w3c(sent, kept),
        "b3": lambda sent: _b3_single(sent) or _b3_multi(sent),
        "b3multi": lambda sent: _b3_multi(sent) or _b3_single(sent),
    }
    chosen = [readers[name] for name in propagators if name in readers]

    def extract(metadata: Metadata) -> Parent | None:
        sent: dict[str, list[str]] = {}
        for key, value in metadata:
            if key in KEYS or key in B3_KEYS:
                sent.setdefault(key, []).append(value if isinstance(value, str) else "")
        if not sent:
            return None
        return next(filter(None, (reader(sent) for reader in chosen)), None)

    return extract


def carried() -> Sequence[tuple[str, str]]:
    """Return the current span as metadata of a call: whoever is called goes on with its trace."""
    span = CURRENT.get()
    if span is None or not span.trace_id:
        return ()
    ids = f"{span.trace_id_text}-{span.span_id.hex()}"
    return [("traceparent", f"00-{ids}-{'01' if span.is_recording else '00'}")]


def _w3c(sent: dict[str, list[str]], kept: frozenset[str]) -> Parent | None:
    given = sent.get("traceparent", [])
    if len(given) != 1:  # of two, nobody knows which: the call begins a trace of its own
        return None
    match = TRACEPARENT.fullmatch(given[0][:LONGEST].strip())
    if match is None or match[1] == "ff" or (match[1] == "00" and match[5]):
        return None
    state = _state(",".join(sent.get("tracestate", [])), kept)
    return _parent(match[2], match[3], sampled=bool(int(match[4], 16) & 1), state=state)


def _state(text: str, kept: frozenset[str]) -> bytes:
    """Return the members that are kept, if the whole is well formed and within its bounds."""
    if not text or not kept or len(text) > TRACE_STATE_LENGTH:
        return b""
    members = [part.strip() for part in text.split(",") if part.strip()]
    matches = [MEMBER.fullmatch(member) for member in members[: TRACE_STATE_MEMBERS + 1]]
    if None in matches or len(matches) > TRACE_STATE_MEMBERS:
        return b""
    known = [match for match in matches if match is not None and match[1] in kept]
    if len({match[1] for match in known}) < len(known):  # of two, nobody knows which
        return b""
    told = [m[0] for m in known if m[1] != "ot" or OWN_STATE.fullmatch(m[2])]
    return ",".join(told).encode()


def _b3_single(sent: dict[str, list[str]]) -> Parent | None:
    given = sent.get("b3", [])
    match = B3_SINGLE.fullmatch(given[0][:LONGEST].strip().lower()) if len(given) == 1 else None
    if match is None:
        return None
    return _parent(match[1], match[2], sampled=match[3] != "0")


def _b3_multi(sent: dict[str, list[str]]) -> Parent | None:
    headers = {key: sent[key][0].strip().lower() for key in B3_KEYS if len(sent.get(key, [])) == 1}
    trace_id, span_id = headers.get("x-b3-traceid", ""), headers.get("x-b3-spanid", "")
    if not (TRACE_ID.fullmatch(trace_id) and SPAN_ID.fullmatch(span_id)):
        return None
    is_debug = headers.get("x-b3-flags") == "1"
    sampled = is_debug or headers.get("x-b3-sampled") not in {"0", "false"}
    return _parent(trace_id, span_id, sampled=sampled)


def _parent(trace_id: str, span_id: str, *, sampled: bool, state: bytes = b"") -> Parent | None:
    trace, span = bytes.fromhex(trace_id.zfill(32)), bytes.fromhex(span_id)
    if not any(trace) or not any(span):
        return None
    return Parent(trace, span, sampled, state)
