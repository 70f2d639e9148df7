"""Whom a broadcast is for: plain coarse columns, put together into one set-based query that is read chunk by chunk.

Each person counts once, at the account with the lowest number of theirs; said it is to the account they prefer, else
the one used last, of those that can be reached.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from storage import tables, topics
from storage.conversations import PAGES
from storage.unit import Unit

NEWS = "news"
ROLES = ("migrant", "landlord", "unregistered")
DAYS = frozenset({"arrived_from", "arrived_to"})

_first = tables.conversations.alias("first_account")
_to = tables.conversations.alias("told_account")
_others = tables.conversations.alias("other_account")
_other = _others.c
_sent = tables.submissions.c
_people = tables.people.c
_homes = tables.homes.c


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant; what is empty leaves nobody out.

    areas: codes as chosen, each with all that lies below it; role: migrant, landlord, unregistered; languages,
    channels: of the account that is written to; statuses, reasons (of the stay), industries, homes (how they live),
    arrived_from, arrived_to: of a registration of theirs; origins: the first two digits of where they come from;
    permits: the state of a residence permit of theirs, or `none`; earlier, said: a broadcast before, and whether they
    `answered` it or stayed `silent`; listed: only those whose registrations somebody listed; only_now: without people
    whom no way is open to until they write.
    """

    areas: tuple[str, ...] = ()
    role: str = ""
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    arrived_from: date | None = None
    arrived_to: date | None = None
    permits: tuple[str, ...] = ()
    earlier: int = 0
    said: str = ""
    listed: bool = False
    only_now: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who is meant and would not hear it: their account's number, channel and language; registration, area:
    of what they sent last, empty for nothing."""

    account: int
    channel: str
    language: str
    registration: str
    area: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What counting and freezing need besides the audience.

    places: the chosen areas with all below (None: everywhere); broadcast: whose list counts; languages: those in which
    there is a text; channels: those that are on; now: the instant; mass: whether WeChat may be told by a message to
    many, which needs one text for all; month, quota, most: the month's limit, as the outbox counts it.
    """

    audience: Audience
    places: Collection[str] | None
    broadcast: int
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    now: Any
    mass: bool
    month: str
    quota: str
    most: int


def packed_audience(audience: Audience) -> dict[str, Any]:
    """As JSON values."""
    return {
        one.name: value.isoformat() if isinstance(value := getattr(audience, one.name), date) else value
        for one in fields(audience)
    }


def unpacked_audience(data: Mapping[str, Any]) -> Audience:
    """From JSON values; what a newer program wrote besides is left out."""
    known = {one.name for one in fields(Audience)}
    return Audience(**{name: _unpacked(name, value) for name, value in data.items() if name in known})


def chosen(terms: Terms) -> Select[Any]:
    """One row a person: person, account, channel, language, and why they are left out or in which way they hear it."""
    told_on = select(_other.id).where(_other.holder_id == _first.c.holder_id, _first.c.holder_id != "")
    best = told_on.order_by(*_order()).limit(1).correlate(_first).scalar_subquery()
    joined = _first.join(_to, _to.c.id == func.coalesce(best, _first.c.id))
    no_holder = _first.c.holder_id == ""
    person = case((no_holder, literal("c:") + cast(_first.c.id, String)), else_=_first.c.holder_id)
    out, way = _left_out(terms), _way(terms)
    columns = (
        _first.c.id.label("first"),
        person.label("person"),
        _to.c.id.label("account"),
        _to.c.channel,
        _to.c.language,
        out.label("out"),
        way.label("way"),
    )
    return select(*columns).select_from(joined).where(_is_first(), *_conditions(terms))


def highest(unit: Unit) -> int:
    """The highest number of an account: where reading chunk by chunk ends."""
    return int(unit.execute(select(func.coalesce(func.max(tables.conversations.c.id), 0))).scalar_one())


def count(unit: Unit, terms: Terms, after: int, upto: int) -> dict[tuple[str, str, str, str], int]:
    """How many people between two numbers of accounts, by channel, language, why left out, and way."""
    part = chosen(terms).where(_first.c.id > after, _first.c.id <= upto).subquery()
    keys = (part.c.channel, part.c.language, part.c.out, part.c.way)
    found = unit.execute(select(*keys, func.count().label("number")).group_by(*keys))
    return {(row.channel, row.language, row.out, row.way): row.number for row in found}


def within(terms: Terms, after: int, upto: int) -> Select[Any]:
    """The people between two numbers of accounts."""
    return chosen(terms).where(_first.c.id > after, _first.c.id <= upto).order_by(_first.c.id)


def left_out(unit: Unit, terms: Terms, reason: str, after: int, upto: int, limit: int) -> tuple[LeftOut, ...]:
    """Who of the people between two numbers of accounts would not hear it for that reason."""
    part = chosen(terms).where(_first.c.id > after, _first.c.id <= upto).subquery()
    sent = tables.submissions.alias("last_sent").c
    last = {
        name: select(sent[name]).where(sent.holder_id == part.c.person).order_by(sent.id.desc()).limit(1)
        for name in ("number", "area")
    }
    columns = (part.c.first, part.c.channel, part.c.language)
    lasts = (query.correlate(part).scalar_subquery().label(name) for name, query in last.items())
    wanted = select(*columns, *lasts).where(part.c.out == reason).order_by(part.c.first).limit(limit)
    return tuple(
        LeftOut(row.first, row.channel, row.language, row.number or "", row.area or "") for row in unit.execute(wanted)
    )


def _is_first() -> ColumnElement[bool]:
    lower = tables.conversations.alias("lower_account").c
    same = and_(lower.holder_id == _first.c.holder_id, lower.id < _first.c.id)
    return or_(_first.c.holder_id == "", not_(exists().where(same)))


def _order() -> tuple[ColumnElement[Any], ...]:
    holders = tables.holders.c
    prefers = select(holders.prefers).where(holders.id == _other.holder_id).correlate(_others).scalar_subquery()
    liked = case((_other.channel == prefers, 0), (_other.channel.in_(PAGES), 2), else_=1)
    return (case((_other.reach == "reachable", 0), else_=1), liked, _other.updated_at.desc(), _other.id)


def _left_out(terms: Terms) -> ColumnElement[str]:
    off = topics.accounts_off(literal(NEWS))
    no_way = and_(true() if terms.audience.only_now else false(), _way(terms) == "wait")
    return case(
        (_to.c.reach != "reachable", _to.c.reach),
        (_first.c.id.in_(off), "topic off"),
        (_to.c.channel.not_in(terms.channels), "channel off"),
        (_to.c.language.not_in(terms.languages), "no text"),
        (no_way, "no way"),
        else_="",
    )


def _way(terms: Terms) -> ColumnElement[str]:
    window = and_(_to.c.window_until > terms.now, _to.c.window_left > 0)
    mass = literal("mass") if terms.mass else literal("wait")
    return case(
        (_to.c.channel.in_(PAGES), "page"),
        (_to.c.channel != "wechat", "message"),
        (window, "customer"),
        (_used_up(terms), "wait"),
        else_=mass,
    )


def _used_up(terms: Terms) -> ColumnElement[bool]:
    quotas = tables.quotas.c
    name = literal(f"{terms.quota}:") + cast(_to.c.id, String)
    return exists().where(quotas.name == name, quotas.period == terms.month, quotas.used >= terms.most)


def _conditions(terms: Terms) -> list[ColumnElement[bool]]:
    wanted = terms.audience
    found = [*_of_account(wanted), *_by_role(terms), *_by_permit(wanted)]
    if wanted.earlier and wanted.said:
        rows = tables.broadcast_rows.c
        person = case(
            (_first.c.holder_id == "", literal("c:") + cast(_first.c.id, String)), else_=_first.c.holder_id
        )  # fmt: skip
        told = and_(rows.broadcast_id == wanted.earlier, rows.person == person, rows.state == "sent")
        answered = or_(rows.answered_at.is_not(None), rows.read_at.is_not(None))
        found.append(exists().where(told, answered if wanted.said == "answered" else not_(answered)))
    return found


def _of_account(wanted: Audience) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.languages:
        found.append(_to.c.language.in_(wanted.languages))
    if wanted.channels:
        found.append(_to.c.channel.in_(wanted.channels))
    return found


def _by_permit(wanted: Audience) -> list[ColumnElement[bool]]:
    """By a permit that somebody of theirs has or had; `none`: nobody of theirs has one now."""
    if not wanted.permits:
        return []
    permits = tables.permits.c
    theirs = and_(permits.holder_id == _first.c.holder_id, _first.c.holder_id != "")
    has_none = not_(exists().where(theirs, permits.state != "ended"))
    found = exists().where(theirs, permits.state.in_(wanted.permits))
    return [or_(found, has_none if "none" in wanted.permits else false())]


def _by_role(terms: Terms) -> list[ColumnElement[bool]]:
    """By what they registered: themselves or others, a home, or nothing."""
    registered, landlord = _registered(terms), _landlord(terms)
    if terms.audience.role == "unregistered":
        return [not_(exists().where(_sent.holder_id == _first.c.holder_id, _first.c.holder_id != ""))]
    if terms.audience.role == "migrant" or _asks_for_registration(terms):
        return [registered, landlord] if terms.audience.role == "landlord" else [registered]
    if terms.audience.role == "landlord":
        return [landlord]
    return [] if terms.places is None else [or_(registered, landlord)]


def _asks_for_registration(terms: Terms) -> bool:
    wanted = terms.audience
    told = (wanted.statuses, wanted.origins, wanted.reasons, wanted.industries, wanted.homes, wanted.listed)
    return any(told) or wanted.arrived_from is not None or wanted.arrived_to is not None


def _registered(terms: Terms) -> ColumnElement[bool]:
    own = and_(_sent.holder_id == _first.c.holder_id, _sent.kind == "registration")
    sent = tables.submissions
    return exists().select_from(sent).where(own, *_of_registration(terms), *_of_person(terms)).correlate(_first)


def _of_registration(terms: Terms) -> list[ColumnElement[bool]]:
    wanted = terms.audience
    lists = {
        _sent.area: terms.places, _sent.status: wanted.statuses or None, _sent.reason: wanted.reasons or None,
        _sent.industry: wanted.industries or None, _sent.stay_kind: wanted.homes or None,
    }  # fmt: skip
    found: list[ColumnElement[bool]] = [column.in_(values) for column, values in lists.items() if values is not None]
    if wanted.arrived_from is not None:
        found.append(_sent.arrived_on >= wanted.arrived_from)
    if wanted.arrived_to is not None:
        found.append(_sent.arrived_on <= wanted.arrived_to)
    if wanted.listed:
        listed = tables.broadcast_lists.c
        found.append(exists().where(listed.broadcast_id == terms.broadcast, listed.submission_id == _sent.id))
    return found


def _of_person(terms: Terms) -> list[ColumnElement[bool]]:
    if not terms.audience.origins:
        return []
    from_there = func.substr(_people.region, 1, 2).in_(terms.audience.origins)
    return [exists().where(_people.id == _sent.person_id, from_there)]


def _landlord(terms: Terms) -> ColumnElement[bool]:
    here = true() if terms.places is None else _homes.area.in_(terms.places)
    return exists().where(_homes.holder_id == _first.c.holder_id, _first.c.holder_id != "", here)


def _unpacked(name: str, value: Any) -> Any:
    if name in DAYS:
        return None if value is None else date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
