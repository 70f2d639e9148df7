"""A new index key: after a change that was killed on the way everything is found by it, and nothing by the old one."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select

from bot.postponed import Answerer
from storage import conversations, indexed, submissions, tables
from storage.contents import ordered
from storage.index_key import UnfinishedChange
from storage.reindexing import NoFormerKey, NotTheFormerKey, OtherChange
from storage.unit import Unit
from tests import house as houses
from tests.certified import say
from tests.keys.changing import AFTER, BEFORE, BOTH, FORMER, NEW, OTHER, SEALING, ask, change, start
from tests.keys.killed import killed_after
from tests.keys.town import ENDED, LOOKS, STOPPED_AFTER, TO_STAFF, Town, again, found, line
from tests.talks.typed import TALK

ROOT = Path(indexed.__file__).parents[1]
KINDS = {
    "address": ("conversations.address_index", "outbox.address_index"),
    "certificate": ("certificates.code_index",),
    "console_form": (),  # in a page that is open
    "count": (),  # how a small count is rounded
    "help": ("helps.code_index",),
    "home": ("homes.home_index", "submissions.home_index"),
    "id_number": ("people.id_number_index",),
    "import": ("imports.file_index",),
    "invitation": ("invitations.code_index",),
    "link_code": ("link_codes.code_index",),
    "message": ("messages.key", "postponed.key"),
    "message before": (),  # the same messages, carried over
    "missed search": ("missed_searches.words_index",),
    "name": ("people.name_index",),
    "permit": ("permits.number_index",),
    "phone": ("submissions.phone_index",),
    "report": ("tenancies.open_report",),
    "room": ("rooms.name_index",),
    "row": (),  # rows of a list, while it is checked
    "sign_in": ("sign_in_tries.subject_index",),
    "staff_chat_code": ("staff_chat_codes.code_index",),
    "staff_login": ("staff.login_index",),
    "staff_session": ("staff_sessions.token_index",),
    "staff_setup": ("staff_setups.token_index",),
}


def indexes(unit: Unit) -> set[bytes]:
    """Everything that is stored of an index key: in columns of its length, and within once_key."""
    kept: set[bytes] = set()
    for table in ordered():
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and column.type.length == 16:
                kept |= {bytes(value) for value in unit.execute(select(column)).scalars() if value}
    for keys in (tables.outbox.c.once_key, tables.hand_over_lines.c.once_key):
        words = [word for key in unit.execute(select(keys)).scalars() for word in key.split(":")]
        kept |= {bytes.fromhex(word) for word in words if len(word) == 32}
    return kept


def test_every_kind_and_every_column_has_its_place_in_a_change() -> None:
    """A new kind of index, or a new column, fails here until it is told what becomes of it."""
    assert set(_kinds()) == set(KINDS)
    columns = {
        f"{table.name}.{column.name}"
        for table in ordered()
        for column in table.columns
        if column.name.endswith("_index") or (isinstance(column.type, LargeBinary) and column.type.length == 16)
    }
    assert columns == {column for place in KINDS.values() for column in place}
    anew = {f"{one.table.name}.{name}" for one in indexed.ANEW for name in one.columns}
    ended = {f"{table.name}.{column.name}" for table in indexed.ENDS for column in table.primary_key.columns}
    sealed_or_text = {"conversations.state_sealed", "outbox.once_key", "hand_over_lines.once_key"}
    assert anew | ended | {"messages.key", "postponed.key"} == columns | sealed_or_text


def _kinds() -> Iterator[str]:
    """The first argument of every call of a vault's index and indexes."""
    for folder in ("storage", "handlers", "regulations", "bot"):
        for file in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _is_vaults(call.func):
                    (kind, _) = call.args
                    yield ast.literal_eval(kind)


def _is_vaults(asked: ast.Attribute) -> bool:
    return asked.attr in {"index", "indexes"} and ast.unparse(asked.value).rpartition(".")[2].strip("_") == "vault"


async def test_killed_on_the_way_it_ends_with_everything_found_by_the_new_key(settled_url: str, town: Town) -> None:
    assert all(ask(settled_url, BEFORE, lambda unit: found(unit, town)).values())
    former = ask(settled_url, BEFORE, indexes)
    kills = 0
    while killed_after(settled_url, BOTH, 10 * 2**kills):
        kills += 1
        with pytest.raises(UnfinishedChange):
            await start(settled_url, BOTH)
    assert kills >= 3
    for keys in (BOTH, AFTER):
        assert ask(settled_url, keys, lambda unit: found(unit, town)) == dict.fromkeys(LOOKS, True)
    assert ask(settled_url, BEFORE, lambda unit: found(unit, town)) == dict.fromkeys(LOOKS, False)
    assert not former & ask(settled_url, AFTER, indexes)
    now = datetime.now(UTC)
    assert all(ask(settled_url, AFTER, lambda unit: again(unit, town, now)).values())


async def test_a_talk_goes_on_and_a_message_that_comes_again_gets_its_answer(settled_url: str, town: Town) -> None:
    assert change(settled_url)
    async with houses.opened(houses.settings(settled_url, keys=BOTH)) as house:
        for number in (STOPPED_AFTER - 1, 2, STOPPED_AFTER - 1):
            repeated = await house.chat.answer(line(number))
            assert repeated.replies == town.said[number].replies
        assert await house.database.read(_said_last) is not None
        assert not await house.chat.deliver_later(await house.chat.answer(line(STOPPED_AFTER - 1)))
        lines = await house.database.read(_said_to_staff)
        await say(house, *TO_STAFF)
        assert await house.database.read(_said_to_staff) == lines
        assert await Answerer(house.chat).answer_due() == 1
    async with houses.opened(houses.settings(settled_url, keys=AFTER)) as house:
        for number in range(STOPPED_AFTER, len(TALK)):
            await house.chat.answer(line(number))
        (sent,) = await house.database.read(lambda unit: _sent_by(unit, "half"))
        assert sent.answers["name"].value == "孙八"
        assert await house.database.read(_accounts_in_the_outbox) == set()


def _said_last(unit: Unit) -> Any:
    """What the talk that waits goes back to when somebody asks for more of it."""
    talk = conversations.find(unit, "engine", "half")
    return None if talk is None else conversations.answered(unit, talk.last_message)


def _said_to_staff(unit: Unit) -> int:
    return int(unit.execute(select(func.count()).select_from(tables.hand_over_lines)).scalar_one())


def _sent_by(unit: Unit, address: str) -> Any:
    talk = conversations.find(unit, "engine", address)
    assert talk is not None
    return submissions.of_holder(unit, talk.holder_id)


def _accounts_in_the_outbox(unit: Unit) -> set[int]:
    """Messages that their account isn't found by."""
    talks, out = tables.conversations.c, tables.outbox.c
    joined = tables.outbox.join(tables.conversations, talks.id == out.conversation_id)
    return set(
        unit.execute(select(out.id).select_from(joined).where(out.address_index != talks.address_index)).scalars()
    )


def test_what_nobody_kept_has_ended(settled_url: str) -> None:
    assert _good(settled_url, BEFORE) == set(ENDED)
    change(settled_url)
    assert [_good(settled_url, keys) for keys in (BEFORE, BOTH, AFTER)] == [set()] * 3


class Undone(Exception):
    """What was looked at stays as it was."""


def _good(url: str, keys: str) -> set[str]:
    """Which codes, sessions and locks still count; none of them is used up by this."""

    def looked(unit: Unit) -> None:
        now = datetime.now(UTC)
        raise Undone([name for name, look in ENDED.items() if look(unit, now)])

    with pytest.raises(Undone) as told:
        ask(url, keys, looked)
    return set(told.value.args[0])


def test_a_change_that_is_done_is_not_done_again(settled_url: str, town: Town) -> None:
    assert change(settled_url)
    assert not change(settled_url)
    assert not change(settled_url, AFTER)
    assert all(ask(settled_url, AFTER, lambda unit: found(unit, town)).values())


def test_with_keys_that_do_not_fit_nothing_is_changed(settled_url: str, town: Town) -> None:
    stranger = OTHER.replace("index:", "index-old:")
    for keys, error in ((AFTER, NoFormerKey), (f"{SEALING},{NEW},{stranger}", NotTheFormerKey)):
        with pytest.raises(error):
            change(settled_url, keys)
    assert all(ask(settled_url, BEFORE, lambda unit: found(unit, town)).values())
    assert killed_after(settled_url, BOTH, 5)
    with pytest.raises(OtherChange):
        change(settled_url, f"{SEALING},{OTHER},{FORMER}")
