"""May we write, may we call: permitted by a rule, forbidden by none, and nothing undecided.

By each channel there is an answer for everything, and one for each topic that somebody named. A
consent to the newsletter permits the newsletter; an opt-out of everything closes that too, unless
it was given later.
"""

from collections.abc import Iterable, Mapping, Sequence

from dealgate.kinds.verify.stops import topic_of, topics
from dealgate.kinds.verify.terms import VerifyEffect, VerifyParameters
from dealgate.kinds.verify.verdicts import Claim
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import verify_pb2 as pb

CHANNELS: Mapping[str, pb.Channel.ValueType] = {
    "email": pb.CHANNEL_EMAIL,
    "phone": pb.CHANNEL_PHONE,
    "sms": pb.CHANNEL_SMS,
    "whatsapp": pb.CHANNEL_WHATSAPP,
    "post": pb.CHANNEL_POST,
}
# Told of whether or not a rule speaks of them.
ALWAYS = ("email", "phone")
# What reaches the person: a letter needs a place, everything else an address or a number.
REACHED_BY: Mapping[str, str] = {
    "email": "lead.email",
    "phone": "lead.phone",
    "sms": "lead.phone",
    "whatsapp": "lead.phone",
    "post": "lead.postal_code",
}
REACHES = (pb.VERDICT_VALID, pb.VERDICT_RISKY, pb.VERDICT_UNCHECKED)
# Lists whose elements are for one topic, or for everything.
CONSENTS, STOPS = ("consents",), ("opt_outs", "findings.opt_outs")


class Permissions:
    """Folds the claims about channels."""

    def __init__(
        self,
        facts: pb.VerifyFacts,
        ruleset: RuleSet[VerifyEffect, VerifyParameters],
        claims: Sequence[Claim],
        verdicts: Iterable[pb.FieldVerdict],
        closed: Mapping[pb.Channel.ValueType, Sequence[str]],
    ) -> None:
        """`closed` has the rules by which a certain duplicate closes a channel."""
        self._facts = facts
        self._claims = claims
        self._closed = closed
        self._reached = {one.field for one in verdicts if one.verdict in REACHES}
        self._lists, self._channels = ruleset.once(_ruled)

    def all(self) -> list[pb.Permission]:
        """Return what is allowed by each channel of the rules: for everything, then by topic."""
        return [
            self._permission(name, topic)
            for topic in ("", *topics(self._facts))
            for name in self._channels
        ]

    def _permission(self, name: str, topic: str) -> pb.Permission:
        permits = [
            claim for claim in self._claims if claim.effect.permit == name and not claim.is_open
        ]
        permitting = [one for one in permits if self._permits(one, topic)]
        forbids = [claim for claim in self._claims if claim.effect.forbid == name]
        forbidding = [one.rule_id for one in forbids if self._forbids(one, topic)]
        forbidding += self._closed.get(CHANNELS[name], ())
        return pb.Permission(
            channel=CHANNELS[name],
            allowed=bool(permitting) and not forbidding,
            permitting_rule_ids=[one.rule_id for one in permitting],
            forbidding_rule_ids=list(dict.fromkeys(forbidding)),
            evidence=self._evidence(permitting, topic),
            reachable=REACHED_BY[name] in self._reached,
            topic=topic,
        )

    def _evidence(self, permitting: Iterable[Claim], topic: str) -> list[pb.Consent]:
        elements = {
            at
            for one in permitting
            if self._lists.get(one.rule_id) in CONSENTS
            for at in one.elements
            if topic_of(self._facts.consents[at].topic) in {"", topic}
        }
        return [self._facts.consents[at] for at in sorted(elements)]

    def _permits(self, claim: Claim, topic: str) -> bool:
        if self._lists.get(claim.rule_id) not in CONSENTS:
            return True
        given = (self._facts.consents[at] for at in claim.elements)
        return any(topic_of(one.topic) in {"", topic} for one in given)

    def _forbids(self, claim: Claim, topic: str) -> bool:
        over = self._lists.get(claim.rule_id)
        if over not in STOPS or not claim.elements:
            return True
        stops = self._facts.opt_outs if over == "opt_outs" else self._facts.findings.opt_outs
        return any(self._stops(stops[at], topic) for at in claim.elements)

    @staticmethod
    def _stops(stop: pb.OptOut | pb.OptOutFinding, topic: str) -> bool:
        reopened = stop.reopened_topics if isinstance(stop, pb.OptOutFinding) else ()
        return topic_of(stop.topic) in {"", topic} and not (topic and topic in reopened)


def _ruled(
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
) -> tuple[Mapping[str, str], Sequence[str]]:
    """Return which list each rule is judged over, and the channels that rules speak of."""
    effects = [rule.then for rule in ruleset.rules]
    ruled = {
        *ALWAYS,
        *(effect.permit for effect in effects),
        *(effect.forbid for effect in effects),
    }
    lists = {rule.id: _list_of(rule) for rule in ruleset.rules}
    return lists, [name for name in CHANNELS if name in ruled]


def contactable(permission: pb.Permission) -> bool:
    """Tell whether we may use the channel, and it reaches the person."""
    return permission.allowed and permission.reachable


def _list_of(rule: Rule[VerifyEffect]) -> str:
    return "" if rule.each is None else rule.each.items.source.strip()
