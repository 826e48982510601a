"""What outcomes teach: points for the odds, learnt from what the rules saw and what then happened.

`samples` reads what happened, `firing` says which rules saw it, `points` learns, `measures` judges,
`report` tells, `writing` puts what was learnt into the next draft. Nothing here decides: an author
reads the draft, tries and releases it like any other.
"""
