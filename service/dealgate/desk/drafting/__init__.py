"""Drafts: the next version as a copy of the last, and the skeleton of a new rule with its cases.

`templates/` holds what is written; `versions` copies, `rules` finds an example that the new rule
fires on, `claims` what it may claim.
"""

WHY = "Draft: say why this version exists."
