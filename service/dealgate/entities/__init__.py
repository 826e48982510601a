"""Questions completed from entity state: the one step between what is sent and what is decided.

A question may name its lead, company, opportunity or customer and leave the rest out. What was
known of that entity at `as_of`, and is not sent, becomes part of its facts here, before anything is
looked up or judged; so the journal keeps it, and a replay needs no state. What makes two questions
the same stays what was sent.
"""
