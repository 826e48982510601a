"""The optional engine: rules fire only if durable_rules and the native engine both say so.

durable_rules gives wrong answers, hangs and crashes outside a small subset of what it accepts, so
nothing reaches it unguarded (docs/adr/0005-rete-is-not-the-default.md has the measurements):

    rule set → networks        conditions in the subset as they are, all others as booleans that
                               are computed before it is asked; `lint` proves the limits
    facts → fields             generated names, clamped numbers, null for what is not known
    Worker                     one child process with deadlines, restarts and a circuit breaker
    child                      what runs in that child: the C module without its threads

It is asked which rules fire. What a rule that does not fire lacked, or how it failed, is said by
the native engine; and an answer on which the two differ is not given at all.
"""
