"""The forms there are, by name."""

from handlers.forms.correction import CORRECTION
from handlers.forms.ending import CHANGE, LEASE, LEAVE, WITHDRAW
from handlers.forms.helped import HELPED
from handlers.forms.home import HOME
from handlers.forms.migrant import MIGRANT
from handlers.forms.permit import AGAIN, ENDORSE, PERMIT, REPLACE
from handlers.forms.tenant import MOVED_OUT, TENANT
from handlers.steps import Form

FORMS: dict[str, Form] = {
    form.name: form for form in (
        MIGRANT, CORRECTION, CHANGE, LEASE, LEAVE, WITHDRAW, HOME, TENANT, MOVED_OUT, PERMIT, ENDORSE, REPLACE,
        *AGAIN.values(), HELPED,
    )
}  # fmt: skip
