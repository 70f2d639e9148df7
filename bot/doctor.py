"""`anju doctor`: looks at everything that can be wrong before people notice, and says what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from rich.console import Console

from bot import notices
from bot.channels.entries import CHANNELS
from bot.channels.wechat import short
from bot.house import office_facts
from bot.keys import DEVELOPMENT_KEYS, vault
from bot.render import Words
from bot.settings import BadSettings, Settings, read_settings
from bot.vocabularies import languages
from regulations.rule import SHIPPED
from storage import index_key, schema
from storage.database import Database, open_database
from storage.errors import NewerSchema, OldSchema

Mark = Literal["good", "note", "bad"]
MARKS = {"good": "[green]✓[/]", "note": "[yellow]![/]", "bad": "[red]✗[/]"}
SOON = timedelta(days=60)
NAMED = 5  # so many overdue notices are named
NOTICE_MONTH = 11  # the State Council's holiday notice for the next year comes in November


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, and what to do."""

    mark: Mark
    about: str
    advice: str


def examine(console: Console, now: datetime | None = None) -> int:
    """Print every finding; 1 if something must be mended, else 0."""
    findings = list(findings_at(now or datetime.now(UTC)))
    for finding in findings:
        console.print(f"{MARKS[finding.mark]} [bold]{finding.about}[/]: {finding.advice}", highlight=False)
    return int(any(finding.mark == "bad" for finding in findings))


def findings_at(now: datetime) -> Iterator[Finding]:
    """Settings first: without them nothing else can be looked at."""
    try:
        settings = read_settings()
    except BadSettings as error:
        yield from (Finding("bad", "settings", finding) for finding in error.findings)
        return
    yield Finding("good", "settings", f"{settings.env}, {settings.public_url}, law of {settings.pack.title['en']}")
    for look in LOOKS:
        yield from look(settings, now)


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    database = open_database(settings.database_url, vault(settings))
    try:
        schema.check(database.engine)
        yield Finding("good", "database", f"{database.engine.dialect.name}, revision {schema.head()}")
        yield _index_key(database)
    except OldSchema as error:
        embedded = database.engine.dialect.name == "sqlite"
        advice = "not up to date yet; `anju serve` does that by itself" if embedded else str(error)
        yield Finding("note" if embedded else "bad", "database", advice)
    except NewerSchema as error:
        yield Finding("bad", "database", str(error))
    except Exception as error:  # noqa: BLE001 -- whatever the driver says, the operator needs the advice
        yield Finding(
            "bad", "database", f"not reachable ({type(error).__name__}); check ANJU_DATABASE_URL and the server"
        )
    finally:
        database.close()


def _index_key(database: Database) -> Finding:
    """Whether what is stored is found by the key at hand."""
    found = database.run_now(index_key.standing)
    if found in index_key.REFUSED:
        return Finding("bad", "index key", str(index_key.REFUSED[found]()))
    if len(database.vault.index_names) > 1:
        advice = "changed; take index-old out of ANJU_KEYS some days after (docs/operate.md, Keys)"
        return Finding("note", "index key", advice)
    return Finding("good", "index key", "what is stored is found by it")


def _keys(settings: Settings, now: datetime) -> Iterator[Finding]:
    if settings.keys.get_secret_value():
        yield Finding("good", "keys", "from ANJU_KEYS; keep a copy where the database's backups are not")
    else:
        yield Finding(
            "note", "keys", f"a development key in {DEVELOPMENT_KEYS}; before real people: `anju keys`, then ANJU_KEYS"
        )


def _words(settings: Settings, now: datetime) -> Iterator[Finding]:
    words = Words(settings.pack, office_facts(settings), tuple)
    sets = {language: words.templates(language) for language in words.languages}
    everything = frozenset().union(*sets.values())
    missing = [f"templates/{language}/{name}.txt.j2" for language, names in sets.items() for name in everything - names]
    faults = words.faults()
    if missing:
        yield Finding("bad", "templates", f"missing: {', '.join(sorted(missing))}")
    if faults:
        yield Finding("bad", "templates", f"mend {'; '.join(faults)}")
    if not missing and not faults:
        yield Finding("good", "templates", f"{len(everything)} in each of {', '.join(sets)}")
    if not settings.office_name or not settings.office_phone:
        yield Finding("note", "office", "set ANJU_OFFICE_NAME and ANJU_OFFICE_PHONE: people are told whom they talk to")


def _channels(settings: Settings, now: datetime) -> Iterator[Finding]:
    for entry in CHANNELS:
        on = entry.is_on(settings)
        yield Finding("good" if on else "note", entry.name, "on" if on else f"off; {entry.hint}")


def _wechat_templates(settings: Settings, now: datetime) -> Iterator[Finding]:
    """What approved templates carry: the files must be right, and names in settings and files must meet."""
    if not settings.wechat_is_on:
        return
    words = Words(settings.pack, office_facts(settings), tuple)
    wrong = [f"{language}: {fault}" for language in words.languages for fault in short.faults(words, language)]
    mapped = {(m.carrier, m.name) for language in words.languages for m in short.mappings(words, language)}
    named = {("template", name) for name in settings.wechat_templates}
    named |= {("notification", name) for name in settings.wechat_notifications}
    if wrong:
        yield Finding("bad", "wechat templates", f"mend templates/<language>/wechat.toml: {'; '.join(wrong)}")
    elif unused := sorted(f"{carrier} {name}" for carrier, name in named - mapped):
        yield Finding("bad", "wechat templates", f"no message uses {', '.join(unused)}; see templates/zh/wechat.toml")
    elif mapped - named:
        waits = ", ".join(sorted(f"{carrier} {name}" for carrier, name in mapped - named))
        yield Finding("note", "wechat templates", f"without an approved id: {waits}; these wait for the next message")
    else:
        yield Finding("good", "wechat templates", f"{len(named)} approved")


def _calendar(settings: Settings, now: datetime) -> Iterator[Finding]:
    today, last = now.astimezone(settings.zone).date(), settings.calendar.last_year
    if last < today.year or (last == today.year and today.month >= NOTICE_MONTH):
        advice = (
            f"holiday_calendar_missing_{last + 1}: working days are known until the end of {last} only. Once the State "
            f"Council has published the arrangement of {last + 1}, name it in ANJU_HOLIDAYS (docs/regulations.md) or "
            "install a newer chinesecalendar, and restart. Until then people hear a safe day, and nobody is called late"
        )
        yield Finding("note" if last >= today.year else "bad", "calendar", advice)
    else:
        yield Finding("good", "calendar", f"working days are known until the end of {last}")


def _law(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Rules that count without a check, those that wait for one, and versions that begin soon."""
    today = now.astimezone(settings.zone).date()
    pack = settings.pack.on(today)
    unchecked = [rule for rule in pack.rules.values() if rule.certainty not in SHIPPED]
    waiting = [rule for rule in pack.unconfirmed if rule.place == pack.name]
    if unchecked:
        advice = f"{len(unchecked)} rules count that nobody checked against the official text (anju regulations show)"
        yield Finding("note", "law", advice)
    elif waiting:
        advice = (
            f"{len(waiting)} rules of {pack.title['en']} don't count, as only copies or pages of them were read; check "
            "them against the official text, then set ANJU_UNCONFIRMED_RULES"
        )
        yield Finding("note", "law", advice)
    else:
        yield Finding("good", "law", f"{len(pack.rules)} rules of {pack.title['en']}")
    yield from (
        Finding(
            "note", "law to come", f"{rule.key} changes on {rule.in_force_from}: restart on that day, for the buttons"
        )
        for versions in pack.versions.values()
        for rule in versions
        if rule.in_force_from and today < rule.in_force_from <= today + SOON
    )


def _notices(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Notices that people can't be shown, and those whose law somebody should look into again."""
    library = notices.library(settings.pack, languages())
    late = library.overdue(now.astimezone(settings.zone).date())
    questions = notices.book(library, languages())
    wrong = (*library.faults, *questions.faults)
    yield from (Finding("bad", "notices", f"left out until mended: {fault}") for fault in wrong)
    if late:
        named = ", ".join(notice.name for notice in late[:NAMED]) + (" …" if len(late) > NAMED else "")
        advice = (
            f"{len(late)} are past their next check ({named}): read the law again, then renew the days in "
            "templates/<language>/notice; until then people are told so with each"
        )
        yield Finding("note", "notices", advice)
    elif not wrong:
        told = f"{len(library.notices)} about the law, each with its article; {len(questions.questions)} quiz questions"
        yield Finding("good", "notices", told)


LOOKS: tuple[Callable[[Settings, datetime], Iterator[Finding]], ...] = (
    _database, _keys, _words, _channels, _wechat_templates, _calendar, _law, _notices,
)  # fmt: skip
