"""Several messages on their way out at once: begun in one transaction, and their ends written down in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.office import outbox, ways
from handlers.office.outbox import Failure
from handlers.office.ways import Shut, Way
from storage import attempts, bundles, claims
from storage.attempts import Held
from storage.records import Delivery, Reach
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Wish:
    """A claimed message that is to leave now, and the ways in which it could, the best first.

    elsewhere: this copy of the program can't reach the person, another may; fault: it couldn't be put into words.
    """

    delivery: Delivery
    ways: Sequence[Way]
    elsewhere: bool = False
    fault: Failure | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A message whose attempt is written down, and the way it takes."""

    delivery: Delivery
    way: Way


@dataclass(frozen=True, slots=True)
class End:
    """What became of an attempt: the platform's id of it or nothing where it tells no more, or a failure.

    left: False where it certainly hasn't left, so that the attempt needn't be counted; it waits for `after` seconds.
    """

    begun: Begun
    platform_id: str = ""
    failure: Failure | None = None
    left: bool = True
    after: float = 0.0


def begin(unit: Unit, wishes: Sequence[Wish], now: datetime) -> Mapping[int, Begun]:
    """Begin an attempt at each by the first way that is open, one message a person; those that leave, by number.

    None is begun whose claim was lost, or that another copy takes. A broadcast that was paused a moment ago sends no
    more: its message waits as if it had not been claimed. What finds no way open waits, too.
    """
    held = {one.delivery.id: one for one in attempts.held(unit, [wish.delivery for wish in wishes], now)}
    mine = [wish for wish in wishes if wish.delivery.id in held and _goes(unit, held[wish.delivery.id], now)]
    leaving = [wish for wish in mine if not (wish.elsewhere and outbox.ask_copies(unit, wish.delivery, now))]
    _note_faults(unit, [wish for wish in leaving if wish.fault is not None], now)
    return _begun(unit, [(wish, held[wish.delivery.id]) for wish in leaving if wish.fault is None], now)


def note(unit: Unit, ends: Sequence[End], now: datetime) -> None:
    """Write down what became of attempts."""
    plain = [end.begun.delivery for end in ends if end.left and end.failure is None and not end.platform_id]
    if plain:
        attempts.sent(unit, plain, now)
    for end in ends:
        if not end.left:
            outbox.take_back(unit, end.begun.delivery, end.begun.way, end.after, now)
        elif end.failure is not None:
            outbox.note_failure(unit, end.begun.delivery, end.begun.way, end.failure, now)
        elif end.platform_id:
            outbox.note_sent(unit, end.begun.delivery, end.platform_id, now)


def _goes(unit: Unit, held: Held, now: datetime) -> bool:
    """Not where it belongs to a broadcast that is paused or stopped: then it waits."""
    if not held.goes:
        claims.again(unit, held.delivery, "", now)
    return held.goes


def _note_faults(unit: Unit, wishes: Sequence[Wish], now: datetime) -> None:
    """What can't be put into words counts as tried, so that it has an end one day."""
    for delivery in attempts.begin(unit, [wish.delivery for wish in wishes], now):
        outbox.note_failure(unit, delivery, Way(""), Failure("fault in the program", retryable=True), now)


def _begun(unit: Unit, wishes: Sequence[tuple[Wish, Held]], now: datetime) -> Mapping[int, Begun]:
    wanted = [ways.Wanted(one.delivery.conversation_id, _reach(held), one.ways) for one, held in wishes]
    taken, by_way = ways.take_each(unit, wanted, now), dict[int, Way]()
    for delivery in (wish.delivery for wish, _ in wishes):
        way = taken[delivery.conversation_id]
        if isinstance(way, Shut):
            outbox.put_off(unit, delivery, way, now)
        elif way.bundle:
            bundles.gather(unit, delivery, way.bundle)
        else:
            by_way[delivery.id] = way
    leaving = [wish.delivery for wish, _ in wishes if wish.delivery.id in by_way]
    return {one.id: Begun(one, by_way[one.id]) for one in attempts.begin(unit, leaving, now)}


def _reach(held: Held) -> Reach:
    """Whether the account can be written to; who has just asked something is answered in any case."""
    return "reachable" if held.delivery.kind == "answer" or held.reach is None else held.reach
