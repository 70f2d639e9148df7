"""The registration as far as the office may type it: consent and papers are the person's, on their own phone."""

from dataclasses import replace

from handlers.forms.migrant import MIGRANT
from handlers.forms.papers import PAPER_STEPS

THEIRS = frozenset({"consent", "guardian_consent", *PAPER_STEPS})

HELPED = replace(
    MIGRANT,
    name="helped",
    steps=tuple(step for step in MIGRANT.steps if step.name not in THEIRS),
    summary="ask/confirm_helped",
)
