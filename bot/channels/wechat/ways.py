"""WeChat's ways to say something unasked, and what each uses up (documents on customer-service, template and
subscription messages; the caps are in its table of API call limits)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channels.channel import MESSAGE, Push, file_of
from bot.channels.wechat.errors import PLATFORM_ZONE
from bot.channels.wechat.short import Shorts
from bot.render import Words
from bot.settings import Settings
from handlers.office.ways import GRANT, Quota, Way

NOTIFICATION, TEMPLATE, MASS, LINKED = "notification", "template", "mass", "linked"
CUSTOM_QUOTA, TEMPLATE_QUOTA, REFUSED_QUOTA = "wechat:custom", "wechat:template", "wechat:refused"
MASS_QUOTA = "wechat:mass"
NO_LIMIT = 1_000_000_000
REFUSED = Quota(REFUSED_QUOTA, NO_LIMIT, PLATFORM_ZONE, monthly=True, of_each=True)  # closed for who blocks templates
NEVER_SHORT = frozenset({"answer", "broadcast", "legal"})  # template messages are no place for the law


OF_TEMPLATE = "of the template"
UNFIT = dict.fromkeys((40037, 47003, 40252), OF_TEMPLATE)
NO_RIGHT = (45009, 48001, 40200)
CLOSES: Mapping[str, Mapping[int, str]] = {
    MESSAGE: {45009: CUSTOM_QUOTA},
    LINKED: {45009: CUSTOM_QUOTA},
    NOTIFICATION: {43101: GRANT, **UNFIT, **dict.fromkeys(NO_RIGHT, OF_TEMPLATE)},
    TEMPLATE: {43117: REFUSED_QUOTA, **UNFIT, **dict.fromkeys(NO_RIGHT, TEMPLATE_QUOTA)},
}


@dataclass(frozen=True, slots=True)
class Caps:
    """How many calls an account may make in a day; of messages to many, how many a person gets in a month."""

    custom: int = 500_000
    template: int = 100_000
    mass: int = 4


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one account."""

    shorts: Shorts
    caps: Caps = Caps()

    def of(self, push: Push, pages: Sequence[str], linked: Sequence[str]) -> Sequence[Way]:
        """A customer message for each page, and one for a picture or else its address in the words; else a short form
        where the kind of message has one, or one to many. `linked`: the pages with that address."""
        if has_picture(push) and not push.said:
            whole, plain = self._custom(MESSAGE, len(pages) + 1), self._custom(LINKED, len(linked))
            return (whole, plain, *self._to_many(push, linked))
        custom = self._custom(MESSAGE, max(0, len(pages) + has_picture(push) - push.said))
        if push.said or push.kind in NEVER_SHORT or push.topic:
            return (custom, *self._to_many(push, linked))
        return (custom, *self._short(push))

    def _custom(self, name: str, number: int) -> Way:
        return Way(name, window=number, quotas=(_a_day(CUSTOM_QUOTA, self.caps.custom, number),))

    def _to_many(self, push: Push, pages: Sequence[str]) -> Sequence[Way]:
        if push.kind != "broadcast" or len(pages) != 1 or _is_personal(push):
            return ()
        monthly = Quota(MASS_QUOTA, self.caps.mass, PLATFORM_ZONE, monthly=True, of_each=True)
        return (Way(MASS, quotas=(monthly,), bundle=_wording(pages[0], push)),)

    @classmethod
    def of_account(cls, settings: Settings, words: Words) -> "Ways":
        """The ways that the settings allow."""
        shorts = Shorts(words, settings.wechat_templates, settings.wechat_notifications)
        return cls(
            shorts, Caps(settings.wechat_custom_daily, settings.wechat_template_daily, settings.wechat_mass_monthly)
        )

    def is_lasting(self, template: str) -> bool:
        """Whether agreeing to a notification counts for all to come."""
        return any(known.lasting for known in self.shorts.notifications.values() if known.id == template)

    def closed_by(self, code: int, way: str, push: Push) -> str:
        """What of the way an error code shuts: its grant or one of its quotas; empty for nothing."""
        closes = CLOSES[way].get(code, "")
        if closes != OF_TEMPLATE:
            return closes
        short = self.shorts.notification(push) if way == NOTIFICATION else self.shorts.template(push)
        return of_template(short.template) if short else ""

    def _short(self, push: Push) -> Sequence[Way]:
        found = []
        if (notification := self.shorts.notification(push)) is not None:
            uses = (_a_day(of_template(notification.template), NO_LIMIT),)
            found.append(Way(NOTIFICATION, grant=notification.template, quotas=uses, to_all=True))
        if (template := self.shorts.template(push)) is not None:
            cap = _a_day(TEMPLATE_QUOTA, self.caps.template)
            found.append(Way(TEMPLATE, quotas=(REFUSED, cap, _a_day(of_template(template.template), NO_LIMIT))))
        return found


def approved_for(settings: Settings) -> tuple[str, ...]:
    """The templates of notifications that people are asked to agree to; none where the account can't ask."""
    can_ask = settings.wechat_is_on and settings.wechat_app_id and settings.wechat_app_secret.get_secret_value()
    return tuple(known.id for known in settings.wechat_notifications.values()) if can_ask else ()


def has_picture(push: Push) -> bool:
    """Whether a picture goes along; a document can only be linked to."""
    file = file_of(push.messages)
    return file is not None and file.is_picture


def of_template(template: str) -> str:
    """The quota of one template, which is closed for a day where the platform doesn't take it."""
    return f"wechat:template:{template}"


def _is_personal(push: Push) -> bool:
    """Whether its words are one person's, even where another's happen to be the same."""
    return any(reply.data.get("personal") for reply in push.replies)


def _wording(text: str, push: Push) -> str:
    """What all messages of one wording, topic and broadcast are called."""
    cast = next((reply.data.get("broadcast", 0) for reply in push.replies), 0)
    return f"text:{hashlib.sha256(f'{push.topic} {cast} {text}'.encode()).hexdigest()[:24]}"


def _a_day(name: str, limit: int, number: int = 1) -> Quota:
    return Quota(name, limit, PLATFORM_ZONE, number)
