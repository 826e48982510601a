"""What a person asked us to stop, and whether it still holds.

An opt-out belongs to the address or number it was said of, whichever lead it was said on. An
express consent given later, with its instant and source, reopens what it is for; where nobody
knows when the opt-out was, no consent is later.
"""

from collections.abc import Iterator, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.model.instants import nanoseconds
from dealgate.v1 import verify_pb2 as pb


def opt_outs(
    facts: pb.VerifyFacts, candidates: Sequence[pb.CandidateFinding], as_of: int
) -> list[pb.OptOutFinding]:
    """Return every opt-out that is about the lead, its address or its number."""
    return [_judged(stop, facts.consents, as_of) for stop in _stops(facts, candidates)]


def topic_of(text: str) -> str:
    """Return a topic as topics are compared."""
    return " ".join(text.casefold().split())


def topics(facts: pb.VerifyFacts) -> list[str]:
    """Return the topics that consents and opt-outs name, in order."""
    named = [
        *(consent.topic for consent in facts.consents),
        *(opt_out.topic for opt_out in facts.opt_outs),
    ]
    return sorted({topic_of(topic) for topic in named} - {""})


def stopped_for_everything(stops: Sequence[pb.OptOutFinding]) -> set[pb.Channel.ValueType]:
    """Return the channels that are closed for every topic, and that nothing reopened."""
    return {stop.channel for stop in stops if not stop.topic and not stop.is_reopened}


def _stops(
    facts: pb.VerifyFacts, candidates: Sequence[pb.CandidateFinding]
) -> Iterator[pb.OptOutFinding]:
    for stop in facts.opt_outs:
        at = stop.at if stop.HasField("at") else None
        yield pb.OptOutFinding(channel=stop.channel, topic=topic_of(stop.topic) or None, at=at)
    for channel in stopped_channels(facts.lead.has_opted_out_of_email, facts.lead.do_not_call):
        yield pb.OptOutFinding(channel=channel)
    for lead, finding in zip(facts.candidates, candidates, strict=True):
        by_mail = lead.has_opted_out_of_email and finding.same_email
        by_phone = lead.do_not_call and finding.same_phone and not finding.other_extension
        for channel in stopped_channels(by_mail, by_phone):
            yield pb.OptOutFinding(channel=channel, candidate_id=lead.id)


def stopped_channels(no_mail: bool, no_calls: bool) -> list[pb.Channel.ValueType]:  # noqa: FBT001
    """Return the channels that a lead's two flags close."""
    flags = {pb.CHANNEL_EMAIL: no_mail, pb.CHANNEL_PHONE: no_calls}
    return [channel for channel, stopped in flags.items() if stopped]


def _judged(stop: pb.OptOutFinding, consents: Sequence[pb.Consent], as_of: int) -> pb.OptOutFinding:
    later = [topic_of(consent.topic) for consent in consents if _reopens(consent, stop, as_of)]
    if "" in later or (stop.topic and stop.topic in later):
        stop.is_reopened = True
    elif not stop.topic:
        stop.reopened_topics.extend(sorted(set(later)))
    return stop


def _reopens(consent: pb.Consent, stop: pb.OptOutFinding, as_of: int) -> bool:
    if consent.channel != stop.channel or consent.basis != pb.CONSENT_BASIS_EXPRESS:
        return False
    given = _given_at(consent)
    if not stop.HasField("at") or given is None or not consent.source:
        return False
    ended = consent.HasField("expires_at") and nanoseconds(consent.expires_at) <= as_of
    return nanoseconds(given) > nanoseconds(stop.at) and not ended


def _given_at(consent: pb.Consent) -> Timestamp | None:
    """A yes by a form counts from then; one that was confirmed later, from the confirmation."""
    if consent.HasField("confirmed_at"):
        return consent.confirmed_at
    return consent.captured_at if consent.HasField("captured_at") else None
