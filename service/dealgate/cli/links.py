"""Links from what a command prints to the trace of a decision, and to a rule's line."""

import os
from urllib.parse import quote, urlsplit

from dealgate.cli.shown import give_up
from dealgate.model.rules import Location

TRACE, RULE = "DEALGATE_TRACE_URL", "DEALGATE_RULE_URL"


def trace_url(trace_id: str) -> str:
    """Return where the trace can be seen; empty if that is not set, or there is no trace.

    DEALGATE_TRACE_URL is a URL with {trace_id}, such as https://jaeger.example/trace/{trace_id}.
    """
    return _filled(TRACE, {"trace_id": trace_id}) if trace_id else ""


def rule_url(location: Location) -> str:
    """Return where the rule's line can be read; empty if that is not set.

    DEALGATE_RULE_URL is a URL with {path} and {line}, such as
    https://github.com/acme/rules/blob/main/{path}#L{line}.
    """
    return _filled(RULE, {"path": quote(location.file), "line": str(location.line)})


def _filled(variable: str, values: dict[str, str]) -> str:
    template = os.environ.get(variable, "").strip()
    if not template:
        return ""
    first = next(iter(values))
    if urlsplit(template).scheme not in {"http", "https"} or f"{{{first}}}" not in template:
        give_up(f"{variable}: write a URL that holds {{{first}}}")
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template
