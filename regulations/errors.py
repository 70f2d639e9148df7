"""What can be wrong with a pack or a calendar, one class a way; the docstring is the message."""


class RegulationError(Exception):
    """The regulations cannot be read."""

    def __init__(self, hint: str = "") -> None:
        message = (type(self).__doc__ or "").strip()
        super().__init__(f"{message} {hint}".strip())


class PackInvalid(RegulationError):
    """A regulation pack cannot be used."""

    def __init__(self, pack: str, key: str = "", hint: str = "") -> None:
        self.pack = pack
        self.key = key
        where = f"(pack {pack}, rule {key})" if key else f"(pack {pack})"
        super().__init__(f"{where} {hint}".strip())


class UnknownPack(PackInvalid):
    """There is no regulation pack of this name."""


class UnreadablePack(PackInvalid):
    """The pack is not valid TOML."""


class MissingPart(PackInvalid):
    """The pack lacks something that every pack must say."""


class UnknownField(PackInvalid):
    """This field is not one that a pack may have; look for a misspelling."""


class UnknownParent(PackInvalid):
    """The pack extends a pack that does not exist."""


class ParentCycle(PackInvalid):
    """The packs extend one another in a circle."""


class UnknownKey(PackInvalid):
    """No rule has this key; the known keys are in regulations/keys.py."""


class RepeatedKey(PackInvalid):
    """The pack states this rule twice."""


class BadUnit(PackInvalid):
    """This rule cannot be given in this unit."""


class BadValue(PackInvalid):
    """The value does not fit its unit."""


class MissingCitation(PackInvalid):
    """Each rule names its law and article, in Chinese and in English."""


class UnknownInstrument(PackInvalid):
    """The citation names a law that neither the pack nor its parents list."""


class CertaintyNotShipped(PackInvalid):
    """The certainty of a rule is full text, reading, copy or secondary page; what is not verified is no rule."""


class PeriodReversed(PackInvalid):
    """The rule ends before it begins."""


class PeriodsOverlap(PackInvalid):
    """Two versions of the rule are in force on the same day; end the earlier one with in_force_to."""


class UnknownName(PackInvalid):
    """Who acts and what starts it are names of regulations/keys.py; look for a misspelling."""


class WithdrawsNothing(PackInvalid):
    """The pack takes a rule out of use that its parents do not have."""


class RuleMissing(RegulationError):
    """The pack has no such rule; ask with find() where a place may lack it."""


class NotAPeriod(RegulationError):
    """Only a rule in working days, calendar days, calendar months or years gives a deadline."""


class NotANumber(RegulationError):
    """Only a rule whose value is a whole number can be compared with a count."""


class NotThisName(RegulationError):
    """The rule has a name that the program doesn't know; the names are in docs/regulations.md."""


class NotExplained(RegulationError):
    """No day follows from this rule."""


class UnknownCodeList(RegulationError):
    """There is no code list of this name in regulations/codes."""


class BadHolidays(RegulationError):
    """The table of holidays cannot be used."""


class CalendarMissing(RegulationError):
    """The holiday arrangement of this year is not known yet; load it into the operator's calendar."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"(holiday_calendar_missing_{year})")


class NoticeRefused(RegulationError):
    """A notice cannot be shown to people."""

    def __init__(self, notice: str, hint: str = "") -> None:
        self.notice = notice
        super().__init__(f"(notice {notice}) {hint}".strip())


class NameUnfit(NoticeRefused):
    """A notice's file is named in small Latin letters, digits and hyphens, at most 40, and not like a topic."""


class HeaderLineUnclear(NoticeRefused):
    """This line is no `name: value` of a notice's header, or says something twice; the words follow an empty line."""


class HeaderIncomplete(NoticeRefused):
    """The header lacks something that every notice must say."""


class Uncited(NoticeRefused):
    """Each notice names its law and the article: a line `law: …`, and below it `article: …` with its number."""


class UnknownTopic(NoticeRefused):
    """There is no such topic."""


class UnknownAudience(NoticeRefused):
    """There is no such audience."""


class UnknownPlace(NoticeRefused):
    """There is no pack of this place's name."""


class BadOrder(NoticeRefused):
    """The order in a topic is a whole number, small ones first."""


class NotSure(NoticeRefused):
    """Only what was read in the full text of the law is told to people."""


class BadCheckDay(NoticeRefused):
    """These days of checking cannot be."""


class NoticeEmpty(NoticeRefused):
    """The notice has no words; they follow the header after an empty line."""


class TitleTooLong(NoticeRefused):
    """The title is too long for a button."""


class NoticeTooLong(NoticeRefused):
    """The notice does not fit into one WeChat message."""


class LanguageMissing(NoticeRefused):
    """The notice must be there in every language."""


class HeadersDiffer(NoticeRefused):
    """The languages of the notice contradict each other."""


class SourcesDiffer(NoticeRefused):
    """The languages of the notice cite different articles."""


class TitleTwice(NoticeRefused):
    """Two notices have the same title."""


class LawTwice(NoticeRefused):
    """A law is called differently in two notices."""


class QuizUnclear(NoticeRefused):
    """A quiz question has `ask`, `right` and two or three `wrong`, all different, none too long for a button."""


class QuizWithoutNotice(NoticeRefused):
    """A quiz question stands in quiz.toml under the file name of its notice."""


class QuizLanguageMissing(NoticeRefused):
    """A quiz question is asked in every language, with as many options."""


class FitUnclear(RegulationError):
    """An entry of notice_fit.toml has `what`, `traits` and `points`, and perhaps `only`."""
