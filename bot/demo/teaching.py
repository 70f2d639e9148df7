"""The law in the town: notices sent and read, questions asked, some without an answer, a quiz, a campaign."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.demo.deciding import deliver
from bot.demo.people import Resident
from bot.demo.talking import Talking
from handlers.office import law_push, notice_desk
from handlers.turns import Answered
from handlers.visit import Office
from storage import conversations, notice_rounds
from storage.campaigns import Campaign
from storage.unit import Unit

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
CRON = "0 9 * * thu"
EVENING = time(19, 30)
WEEKS = 2
READS = 0.6  # of those who got a notice open it
SEARCHES = (
    "老板不发工资怎么办", "押金不退怎么办", "孩子怎么上学", "加班费怎么算", "工伤怎么办", "老板不发工资怎么办",
    "没签合同怎么办", "房东要赶我走怎么办", "办居住证要交钱吗", "试用期要交社保吗",
)  # fmt: skip
UNANSWERED = ("电动车上牌去哪里办", "小区停车费可以不交吗", "电动车上牌去哪里办", "养狗要办什么手续")
TOPICS = ("wages", "renting", "permit", "school", "wages", "insurance", "contract")
PLAYERS = 8
TITLE, ENDED = "年底工资月", "开学季"


@dataclass(frozen=True, slots=True)
class Teaching:
    """Those who hear and ask about the law, and the publisher's part in it."""

    talking: Talking
    office: Office
    publisher: str
    chance: Random
    zone: ZoneInfo
    now: datetime

    def stories(self, people: Sequence[Resident]) -> Iterator[Callable[[Unit], None]]:
        """The rhythm and the campaigns, what was sent, what people asked, and their quizzes."""
        yield self._begin
        for week in range(WEEKS, 0, -1):
            yield self._round(people, week)
        for said, who in zip((*SEARCHES, *UNANSWERED), people, strict=False):
            yield self._says(who, said, is_answered=said in SEARCHES)
        for topic, who in zip(TOPICS, reversed(people), strict=False):
            yield self._presses(who, f"law:{topic}")
        for who in people[:PLAYERS]:
            yield self._plays(who)

    def _begin(self, unit: Unit) -> None:
        today = self.now.astimezone(self.zone).date()
        at = self.now - 5 * WEEK
        notice_desk.set_rhythm(unit, CRON, 0, self.publisher, at, is_on=True)
        school, wages = (self._notices(topic) for topic in ("school", "wages"))
        over = Campaign(ENDED, school, ("parent",), today - 80 * DAY, today - 40 * DAY, self.publisher)
        runs = Campaign(TITLE, wages, ("employed",), today - 4 * DAY, today + 45 * DAY, self.publisher)
        notice_desk.begin(unit, over, at - 7 * WEEK)
        notice_desk.begin(unit, runs, self.now - 4 * DAY)

    def _notices(self, topic: str) -> tuple[str, ...]:
        return tuple(one.name for one in self.office.notices.here(self.office.places, topic)[:3])

    def _round(self, people: Sequence[Resident], week: int) -> Callable[[Unit], None]:
        """A round of the rhythm: each gets their notice, and most open it in the evening."""

        def go(unit: Unit) -> None:
            thursday = self._ago(7 * week - 3)
            at = thursday - timedelta(days=(thursday.weekday() - 3) % 7)
            at = at.replace(hour=9, minute=0)
            notice_rounds.begin(unit, at)
            told = sum(self._hears(unit, who, at) for who in people)
            read = notice_rounds.unfinished(unit)
            if read is not None:
                notice_rounds.advance(unit, read, 0, told, at + timedelta(minutes=3))
            while law_push.settle(unit, self.office, at + 2 * DAY):
                pass

        return go

    def _hears(self, unit: Unit, who: Resident, at: datetime) -> bool:
        account = conversations.find(unit, who.channel, who.address)
        if account is None or not law_push.tell(unit, self.office, account.holder_id, at, at):
            return False
        deliver(unit, who, at + DAY)
        if self.chance.random() < READS:
            self.talking.press(unit, who, "law", at + DAY + timedelta(hours=2))
        return True

    def _says(self, who: Resident, said: str, *, is_answered: bool) -> Callable[[Unit], None]:
        at = self._ago(self.chance.randint(1, 12))

        def go(unit: Unit) -> None:
            self.talking.say(unit, who, said, at)
            if not is_answered:
                self.talking.press(unit, who, "law:none", at + timedelta(minutes=1))

        return go

    def _presses(self, who: Resident, button: str) -> Callable[[Unit], None]:
        at = self._ago(self.chance.randint(1, 12))

        def go(unit: Unit) -> None:
            self.talking.press(unit, who, button, at)

        return go

    def _plays(self, who: Resident) -> Callable[[Unit], None]:
        """Five questions, answered as chance will have it."""
        at = self._ago(self.chance.randint(1, 9))

        def go(unit: Unit) -> None:
            said = self.talking.press(unit, who, "quiz", at)
            for turn in range(1, 6):
                option = self._option(said)
                if not option:
                    return
                said = self.talking.press(unit, who, option, at + turn * timedelta(seconds=20))

        return go

    def _option(self, said: Answered) -> str:
        options = [c.value for reply in said.replies for c in reply.choices if c.role == "option"]
        return self.chance.choice(options) if options else ""

    def _ago(self, days: int) -> datetime:
        on = self.now.astimezone(self.zone).date() - days * DAY
        return datetime.combine(on, EVENING, self.zone)
