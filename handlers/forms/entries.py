"""The forms there are, by name."""

from handlers.forms.migrant import MIGRANT
from handlers.steps import Form

FORMS: dict[str, Form] = {MIGRANT.name: MIGRANT}
