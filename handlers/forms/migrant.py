"""The form in which a migrant registers: oneself, a child, or a relative who can't come."""

from handlers.forms.household import STAY, WHERE
from handlers.forms.need import NEED, ends
from handlers.forms.papers import PAPERS
from handlers.forms.person import PERSON
from handlers.forms.subject import SUBJECT
from handlers.steps import Form

MIGRANT = Form("migrant", "2026-11", (*NEED, *SUBJECT, *PERSON, *WHERE, *STAY, *PAPERS), ends)
