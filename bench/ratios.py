"""The table of what was measured: medians, and the ratios that answer a question."""

from rich.console import Console
from rich.table import Table

from bench.cpu import Rounds

DECISION = ("parse", "check", "fire", "conclude", "answer", "append")
COSTS = {
    "parse": "wire: parse the request",
    "check": "kind: check the facts",
    "fire": "engine: fire the rules",
    "fire explained": "engine: the same, explained",
    "conclude": "kind: conclude",
    "answer": "model: write the answer",
    "append": "journal: durable, commits shared",
    "health": "call: health, next to empty",
    "unary": "call: ScoreLead",
    "dry": "call: ScoreLead, dry run",
    "explained": "call: ScoreLead, explained",
    "traced unary": "call: ScoreLead, traced over OTLP",
    "rete unary": "call: ScoreLead, engine rete",
    "batched": "one decision in BatchDecide",
    "streamed": "one decision in StreamDecide",
}
# What is compared with what, and the words for it.
RATIOS: list[tuple[str, tuple[str, ...], str]] = [
    ("the whole decision, to the call that carries it", DECISION, "unary"),
    ("firing the rules, to the call that carries it", ("fire",), "unary"),
    ("a call with next to nothing in it, to a decision's", ("health",), "unary"),
    ("recording nothing, to recording", ("dry",), "unary"),
    ("a decision in a batch, to one call each", ("batched",), "unary"),
    ("a decision in a stream, to one call each", ("streamed",), "unary"),
    ("firing explained, to firing", ("fire explained",), "fire"),
    ("a call explained, to one that is not", ("explained",), "unary"),
    ("a call traced, to one that is not", ("traced unary",), "unary"),
    ("cel-cpp, to native on the same rules", ("cel-cpp on some",), "native on some"),
    ("rete, to native on the same rules", ("rete",), "fire"),
    ("a call to rete, to one to native", ("rete unary",), "unary"),
]


def report(console: Console, rounds: Rounds) -> None:
    """Print costs and ratios; what could not be measured is left out, and said so."""
    costs = Table("CPU, median", "µs", box=None, pad_edge=False)
    for name, words in COSTS.items():
        if name in rounds:
            costs.add_row(words, f"{rounds.microseconds(name):,.0f}")
    ratios = Table("median of the rounds' ratios", "", box=None, pad_edge=False)
    for words, names, base in RATIOS:
        if all(name in rounds for name in names):
            ratios.add_row(words, f"[bold]{rounds.ratio(names, base):.2f}[/]")
    console.print(costs)
    console.print()
    console.print(ratios)
    if "traced unary" in rounds:
        more = rounds.difference("traced unary", "unary")
        console.print(
            f"\ntelemetry costs a call {more:,.0f} µs: spans, metrics and log events, "
            "exported; median of the rounds' differences, at most 60"
        )
    if "rete" not in rounds:
        console.print("dealgate[rete] is not installed: not measured")
