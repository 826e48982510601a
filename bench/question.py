"""The question that is measured: a lead with a company and four activities."""

from dealgate.demo.leads import INTEREST, NOBODY_SPECIAL, PRIYA
from dealgate_client import ScoreFacts

FACTS = ScoreFacts(lead=PRIYA, activities=INTEREST, relationship=NOBODY_SPECIAL)
