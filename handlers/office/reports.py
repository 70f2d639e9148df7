"""A platform's reports: what became of messages it had taken, and which notifications a person agreed to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from handlers.office import outbox
from handlers.office.ways import Quota
from storage import conversations, deliveries, grants, quotas
from storage.records import Conversation
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message reached its person."""

    platform_id: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message did not reach its person; `closes`: what they refuse, shut for them until it is renewed."""

    platform_id: str
    reason: str
    closes: Quota | None = None


@dataclass(frozen=True, slots=True)
class MassEnded:
    """A message to many has gone out, or was not let through; who got it isn't told."""

    platform_id: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The person agreed to one notification of a template, or to all to come."""

    template: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """The person wants no notifications of a template."""

    template: str


Report: TypeAlias = Delivered | Undelivered | MassEnded | Agreed | Declined


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a platform: whose account it is about, under which id it came, and what it reports."""

    channel: str
    address: str
    message_id: str
    reports: Sequence[Report]


class TooEarly(Exception):
    """A report came before its message's id was written down."""


def take(unit: Unit, told: Told, now: datetime, *, patient: bool = False) -> None:
    """Write down what an event reports, once; AlreadyAnswered where it came before.

    patient: raises TooEarly, and nothing is written, where the message may be one that is just being handed over.
    """
    if patient and _is_early(unit, told, now):
        raise TooEarly
    found = conversations.find(unit, told.channel, told.address)
    key = conversations.message_key(unit, told.channel, told.address, told.message_id)
    conversations.record(unit, key, found.id if found else 0, None, now)
    for report in told.reports:
        TAKE[type(report)](unit, told, found, report, now)


def _is_early(unit: Unit, told: Told, now: datetime) -> bool:
    ids = [report.platform_id for report in told.reports if isinstance(report, Delivered | Undelivered | MassEnded)]
    unknown = any(not deliveries.is_reported_on(unit, told.channel, platform_id) for platform_id in ids)
    return unknown and deliveries.is_leaving(unit, told.channel, told.address, now)


def _delivered(unit: Unit, told: Told, found: Conversation | None, report: Delivered, now: datetime) -> None:
    message = deliveries.accepted(unit, told.channel, told.address, report.platform_id)
    if message is not None:
        deliveries.confirm(unit, message.id, "sent", "", now)


def _undelivered(unit: Unit, told: Told, found: Conversation | None, report: Undelivered, now: datetime) -> None:
    """It waits for another attempt, in another way if the person refuses this one."""
    message = deliveries.accepted(unit, told.channel, told.address, report.platform_id)
    if message is None:
        return
    if report.closes is not None:
        name = report.closes.name_for(message.conversation_id)
        quotas.close(unit, name, report.closes.period(now))
    if message.attempts >= outbox.ATTEMPTS:
        deliveries.confirm(unit, message.id, "failed", report.reason, now)
    else:
        deliveries.take_back(unit, message.id, report.reason, now + outbox.pause(message.attempts, None))


def _mass_ended(unit: Unit, told: Told, found: Conversation | None, report: MassEnded, now: datetime) -> None:
    deliveries.confirm_all(unit, told.channel, report.platform_id, report.state, report.reason, now)


def _agreed(unit: Unit, told: Told, found: Conversation | None, report: Agreed, now: datetime) -> None:
    """What waits for the person to write may go in this way."""
    if found is not None:
        grants.give(unit, found.id, report.template, lasting=report.lasting)
        deliveries.release(unit, found.id, now)


def _declined(unit: Unit, told: Told, found: Conversation | None, report: Declined, now: datetime) -> None:
    if found is not None:
        grants.drop(unit, found.id, report.template)


TAKE: Mapping[type, Callable[[Unit, Told, Conversation | None, Any, datetime], None]] = {
    Delivered: _delivered,
    Undelivered: _undelivered,
    MassEnded: _mass_ended,
    Agreed: _agreed,
    Declined: _declined,
}
