"""Several scores in one answer: by product or segment, and of an account."""

from typing import Any

import pytest

from dealgate.model.errors import RuleSetUnusable
from tests.kinds import build
from tests.kinds.scoring import HOUR, PARAMETERS, did, engaged, fit, penalty, scored

RULES = [
    fit("everybody", 10),
    fit("for-analytics", 30, "market", score="analytics"),
    engaged("demo", 20),
    engaged("report", 40, score="analytics"),
    penalty("spam", -30),
]
TERMS: dict[str, Any] = {
    **PARAMETERS,
    "scores": {
        "analytics": {"threshold": 50, "weights": {"fit": 100, "engagement": 0}},
        "mail": {},
    },
}


def test_each_score_has_its_own_rules_beside_those_of_all() -> None:
    """A rule with a score counts for it alone, one without for all, each on its own scale."""
    evidence = build.fired(RULES[0], RULES[1], (RULES[2], 0), (RULES[3], 0), RULES[4])

    outcome = scored(did(HOUR), RULES, evidence, TERMS)

    assert (outcome.fit, outcome.engagement) == (100, 0)
    analytics, mail = outcome.named_scores
    assert (analytics.name, analytics.fit, analytics.engagement) == ("analytics", 100, 30)
    assert (analytics.composite, analytics.reaches_threshold) == (100, True)
    assert (mail.name, mail.fit, mail.engagement) == ("mail", 100, 0)
    assert {one.rule_id for one in mail.contributions} == {"everybody", "demo", "spam"}


def test_what_is_best_for_one_score_is_not_for_another() -> None:
    """Without the rule of its own a lead has 10 of 40 points for analytics, and all of the rest."""
    outcome = scored(did(HOUR), RULES, build.fired(RULES[0]), TERMS)

    assert outcome.fit == 100
    assert [one.fit for one in outcome.named_scores] == [25, 100]


def test_a_score_that_the_parameters_do_not_name_is_a_fault_of_the_rules() -> None:
    """A misspelt name would count nowhere."""
    with pytest.raises(RuleSetUnusable, match="analytics"):
        scored(did(HOUR), RULES, build.fired(RULES[0]), PARAMETERS)


@pytest.mark.parametrize(
    ("account", "fit_", "engagement"),
    [
        ({"fit": "max", "engagement": "sum"}, 100, 70),
        ({"fit": "mean", "engagement": "max"}, 60, 50),
        ({"fit": "mean", "engagement": "mean"}, 60, 35),
    ],
)
def test_an_account_is_folded_from_its_leads(
    account: dict[str, str], fit_: int, engagement: int
) -> None:
    """This lead is 100 and 20, the other 20 and 50; a score that is too old is left out."""
    facts = did(HOUR)
    facts.account_leads.add(lead_id="L2", fit=20, engagement=50)
    facts.account_leads.add(
        lead_id="L3", fit=1, engagement=99, scored_at=build.instant(build.AS_OF - 91 * build.DAY)
    )
    rules = [RULES[0], RULES[2]]
    evidence = build.fired(rules[0], (rules[1], 0))

    outcome = scored(facts, rules, evidence, {**PARAMETERS, "account": account})

    assert (outcome.account.fit, outcome.account.engagement) == (fit_, engagement)
    assert (outcome.account.leads, outcome.account.leads_too_old) == (2, 1)
    assert outcome.account.engaged_leads == 1


def test_no_leads_of_the_account_are_no_score_of_it() -> None:
    """A lead alone is not an account."""
    terms = {**PARAMETERS, "account": {}}
    outcome = scored(did(HOUR), [RULES[0]], build.fired(RULES[0]), terms)

    assert not outcome.HasField("account")
