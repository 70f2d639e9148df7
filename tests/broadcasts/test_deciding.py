"""Who may do what to a broadcast, in which state: the whole table, written out; and what an edit undoes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.house import House
from handlers.office.broadcasts import deciding, states
from handlers.office.broadcasts.deciding import Publisher
from handlers.office.rights import ROLES
from storage import audit, broadcasts
from storage.broadcasts import Broadcast, Content
from storage.unit import Unit
from tests.broadcasts.town import WATER, Town, later, town

EXPECTED = """
           edit  test  propose  take_back approve  send_back start    pause  resume  stop     discard   retry
draft      draft draft proposed -         -        -         -        -      -       -        discarded -
proposed   draft proposed -     draft     approved* draft*   -        -      -       -        discarded -
approved   draft approved -     -         -        -         freezing -      -       -        discarded -
freezing   -     -     -        -         -        -         -        -      -       stopping -         -
running    -     -     -        -         -        -         -        paused -       stopping -         -
paused     -     -     -        -         -        -         -        -      running stopping -         -
sent       -     -     -        -         -        -         -        -      -       stopping -         running
done       -     -     -        -         -        -         -        -      -       -        -         running
stopping   -     -     -        -         -        -         -        -      -       -        -         -
stopped    -     -     -        -         -        -         -        -      -       -        -         -
discarded  -     -     -        -         -        -         -        -      -       -        -         -
"""


def written() -> dict[tuple[str, str], str]:
    head, *rows = EXPECTED.strip().splitlines()
    acts = head.split()
    return {(row.split()[0], act): row.split()[1 + number] for row in rows for number, act in enumerate(acts)}


def test_the_table_of_states_is_as_written_here() -> None:
    for (state, act), to in written().items():
        way = states.way(state, act)
        assert ("-" if way is None else way.to + ("*" if way.by_another else "")) == to, (state, act)
    assert {state for state, _ in written()} == set(states.STATES)
    assert {act for _, act in written()} == set(states.ACTS)


async def put(here: Town, state: str, author: Publisher) -> Broadcast:
    """A broadcast in some state."""
    found = await here.written(author)

    def write(unit: Unit) -> None:
        broadcasts.save(unit, replace(found, state=state, tested=found.version), datetime.now(UTC))

    await here.run(write)
    return await here.now(found.id)


async def test_every_act_in_every_state_by_its_author_and_by_another(house: House) -> None:
    here = town(house)
    author, other = await here.publisher("author"), await here.publisher("other")
    for (state, act), to in written().items():
        for by in (author, other):
            found = await put(here, state, author)
            outcome = await here.act(by, found.id, act, "请改日期")
            after = (await here.now(found.id)).state
            if act in {"edit", "test"} or to == "-":
                assert (outcome, after) == ("moved_on", state), (state, act)
            elif to.endswith("*") and by is author:
                assert (outcome, after) == ("own", state), (state, act)
            else:
                assert (outcome, after) == ("done", to.rstrip("*")), (state, act)


@pytest.mark.parametrize("role", ROLES)
async def test_only_publishers_act_and_only_on_their_area(house: House, role: str) -> None:
    here = town(house)
    author = await here.publisher("author", area="S01")
    number = (await here.written(author)).id
    for area, covered in (("", True), ("S01", True), ("S02", False), ("S01-01", False)):
        by = await here.publisher(f"{role}{area}", role, area)
        allowed = role == "publisher" and covered
        assert (await here.run(lambda unit, by=by: deciding.look(unit, by, number)) is not None) == allowed
        assert await here.act(by, number, "pause") == ("moved_on" if allowed else "gone")


async def test_whoever_wrote_any_of_it_may_not_approve_it(house: House) -> None:
    here = town(house)
    author, editor, third = [await here.publisher(name) for name in ("author", "editor", "third")]
    found = await here.written(author)
    now = datetime.now(UTC)
    changed = replace(found, content=replace(WATER, title="停水二"))
    edited = await here.run(lambda unit: deciding.edit(unit, editor, found.id, found.version, changed, now))
    assert edited == "done"
    version = found.version + 1
    assert await here.act(editor, found.id, "propose") == "untested"
    assert await here.run(lambda unit: deciding.tested(unit, editor, found.id, version, now))
    assert await here.act(editor, found.id, "propose") == "done"
    assert await here.act(author, found.id, "approve") == "own"
    assert await here.act(editor, found.id, "approve") == "own"
    assert await here.act(third, found.id, "approve") == "done"
    assert (await here.now(found.id)).approved_by == third.member.code


@pytest.mark.parametrize(
    "change",
    [
        {"content": replace(WATER, texts={"zh": "别的话"})},
        {"content": replace(WATER, link="https://example.org/x")},
        {"urgent": True},
        {"starts_at": later(1)},
        {"not_after": later(3)},
        {},
    ],
    ids=lambda changes: "-".join(changes) or "nothing",
)
async def test_any_edit_voids_the_approval(house: House, change: dict[str, object]) -> None:
    here = town(house)
    author, other = await here.publisher("author"), await here.publisher("other")
    number = (await here.written(author)).id
    await here.act(author, number, "propose")
    await here.act(other, number, "approve")
    found, now = await here.now(number), datetime.now(UTC)
    changed = replace(found, **change)  # type: ignore[arg-type]  # fields by name
    edit = deciding.edit
    assert await here.run(lambda u: edit(u, other, number, found.version, changed, now, parts=not change)) == "done"
    after = await here.now(number)
    assert (after.state, after.approved_by, after.tested, after.version) == ("draft", "", 0, found.version + 1)
    assert await here.act(author, number, "start") == "moved_on"


async def test_an_approval_of_another_version_counts_for_nothing(house: House) -> None:
    here = town(house)
    author, other = await here.publisher("author"), await here.publisher("other")
    found = await here.written(author)
    await here.act(author, found.id, "propose")
    assert await here.act(other, found.id, "approve", version=found.version + 1) == "moved_on"
    assert await here.act(other, found.id, "approve", version=found.version) == "done"
    assert await here.act(other, found.id, "approve", version=found.version) == "moved_on"


async def test_what_is_missing_is_said_before_anybody_is_asked(house: House) -> None:
    here = town(house)
    author = await here.publisher("author")
    cases = (
        (Content("", {"zh": "x"}), False, "no_title"),
        (Content("停水"), False, "no_text"),
        (WATER, True, "no_reason"),
    )
    for content, urgent, outcome in cases:
        number = (await here.written(author, content, urgent=urgent)).id
        assert await here.act(author, number, "propose") == outcome
    late = (await here.written(author, WATER, not_after=later(-1))).id
    assert await here.act(author, late, "propose") == "too_late"
    fine = (await here.written(author)).id
    other = await here.publisher("other")
    await here.act(author, fine, "propose")
    assert await here.act(other, fine, "send_back") == "no_words"


async def test_who_approved_and_why_it_is_urgent_stands_in_the_audit_log(house: House) -> None:
    here = town(house)
    number = await here.started(replace(WATER, why="台风红色预警"), urgent=True)
    entries = await here.run(lambda unit: audit.newest(unit, 50))
    told = {entry.act.action: entry.act for entry in entries if entry.act.subject.id == str(number)}
    assert {"cast_propose", "cast_approve", "cast_start"} <= set(told)
    assert told["cast_approve"].reason == "台风红色预警"
    steps = await here.run(lambda unit: broadcasts.steps(unit, number))
    assert [step.action for step in reversed(steps)] == ["write", "edit", "test", "propose", "approve", "start"]
