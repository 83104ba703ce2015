"""What Prometheus may read: counts and times, never words or people."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("voordeur_turns_total", "Turns taken, by the step they ended in", ["step"])
TURN_SECONDS = Histogram(
    "voordeur_turn_seconds",
    "Time from taking up a message to its commit",
    ["kind"],
    buckets=(0.005, 0.01, 0.015, 0.025, 0.05, 0.08, 0.15, 0.3, 1, 3),
)
SENT = Counter("voordeur_sent_total", "Answers by channel and outcome", ["channel", "outcome"])
NLU_UP = Gauge("voordeur_nlu_up", "Whether the NLU service answers")
