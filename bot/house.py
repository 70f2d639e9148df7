"""The composition root: build everything once, from the settings."""

import hashlib
from dataclasses import dataclass
from datetime import time, timedelta
from importlib.resources import files

from bot.areas import Areas, seed
from bot.channels.wechat.ways import approved_for
from bot.channels.wechat.windows import WINDOWS
from bot.chat import Chat
from bot.fairness import Fairness
from bot.keys import vault
from bot.notices import LazyFinder
from bot.render import Words
from bot.settings import Settings
from bot.tongue import OfficeFacts
from handlers.visit import Office, Silence
from storage import index_key, schema
from storage.copying import refuse_unfinished
from storage.database import Database, open_database

CONSENT = "ask/consent"


@dataclass(frozen=True, slots=True)
class House:
    """What every way in shares: the database, the words, the talk."""

    settings: Settings
    database: Database
    words: Words
    areas: Areas
    chat: Chat


async def open_house(settings: Settings) -> House:
    """Open the database (an embedded one is brought up to date), and build what stands on it."""
    database = open_database(settings.database_url, vault(settings))
    areas = Areas()
    try:
        prepare(database)
        await database.run(seed)
        await areas.renew(database)
    except BaseException:
        database.close()
        raise
    words = Words(settings.pack, office_facts(settings), areas)
    office = Office(
        pack=settings.pack,
        calendar=settings.calendar,
        zone=settings.zone,
        vocabularies=words.vocabularies,
        consent_version=consent_version(),
        areas=areas,
        windows={"wechat": WINDOWS},
        name=settings.office_name,
        asks={"wechat": approved_for(settings)},
        privacy_days=settings.privacy_days,
        call_days=settings.call_days,
        silence=Silence(
            timedelta(minutes=settings.talk_answer_minutes), timedelta(minutes=settings.talk_quiet_minutes)
        ),
        notices=words.library,
        quiz=words.book,
        finder=LazyFinder(words.library, words.commands(), files("templates")),
        remind_at=time.fromisoformat(settings.remind_at),
    )
    fairness = Fairness(settings.messages_at_once, settings.messages_per_minute)
    return House(settings, database, words, areas, Chat(database, words, office, fairness))


def prepare(database: Database) -> None:
    """An embedded database is migrated at start; a server's only by `anju migrate`."""
    if database.engine.dialect.name == "sqlite":
        schema.upgrade(database.engine)
    else:
        schema.check(database.engine)
    refuse_unfinished(database.engine)
    index_key.check(database)


def office_facts(settings: Settings) -> OfficeFacts:
    """What the words tell about the office; without a name of its own it is called after its place."""
    return OfficeFacts(
        name=settings.office_name,
        phone=settings.office_phone,
        hours=settings.office_hours,
        address=settings.office_address,
        url=settings.public_url,
        papers_days=settings.papers_keep_days,
        zone=settings.timezone,
    )


def consent_version() -> str:
    """The version of the text that people consent to: a digest over it in every language."""
    digest = hashlib.sha256()
    for folder in sorted(files("templates").iterdir(), key=lambda entry: entry.name):
        text = folder / f"{CONSENT}.txt.j2"
        if folder.is_dir() and text.is_file():
            digest.update(text.read_bytes())
    return digest.hexdigest()[:12]
