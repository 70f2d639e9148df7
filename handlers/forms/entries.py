"""The forms there are, by name."""

from handlers.forms.correction import CORRECTION
from handlers.forms.ending import CHANGE, LEAVE, WITHDRAW
from handlers.forms.migrant import MIGRANT
from handlers.steps import Form

FORMS: dict[str, Form] = {form.name: form for form in (MIGRANT, CORRECTION, CHANGE, LEAVE, WITHDRAW)}
