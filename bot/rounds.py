"""One round of a channel's sender: claims ahead, begins together what may leave now, lets it leave at its pace."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog

from bot.channels.channel import Channel, HasPages, Push, SendFailed
from bot.ends import Ends
from bot.pace import Pace
from handlers.office.outbox import Failure
from handlers.office.sending import Begun, End, Wish
from storage.deliveries import PRIORITIES
from storage.records import Delivery

log = structlog.get_logger(__name__)

SEND_SECONDS = 25.0  # shorter than a claim's lease, so that nobody else begins the same meanwhile
FRESH_SECONDS = (
    1.0  # what has begun leaves within it or not at all: a pause counts at once, a lease isn't slept through
)
LOOK_SECONDS = 0.5  # how often something new is looked for while the last messages are on their way
AHEAD = 0.1  # seconds of the pace that are begun beforehand, and as long again as beginning took last time, twice
MOST_AHEAD = 0.5
GATHERS = 0.005  # seconds that an end waits for those of others that are under way
PATIENCE = 5.0  # seconds to hold a claimed message for its slot, far less than a claim lasts
FAULT = Failure("fault in the program", retryable=True)


@dataclass(frozen=True, slots=True)
class Books:
    """What a round asks of the database; each is one transaction.

    claim: so many due messages at most; turn: what became of attempts, then attempts at these; note: only what became
    of attempts; put_back: these messages are due again in so many seconds.
    """

    claim: Callable[[int], Awaitable[Sequence[Delivery]]]
    turn: Callable[[Sequence[End], Sequence[Wish]], Awaitable[Mapping[int, Begun]]]
    note: Callable[[Sequence[End]], Awaitable[None]]
    put_back: Callable[[Sequence[Delivery], float], Awaitable[None]]


@dataclass(slots=True)
class Round:
    """Messages of one channel on their way out; `at_once`: how many may be begun and without a written end.

    Each person's messages leave one after another, the next when the end of the one before is written. Once `closing`
    is set nothing more begins: what is leaving leaves, what waits is put back for another copy.
    """

    channel: Channel
    books: Books
    push: Callable[[Delivery], Push]
    at_once: int
    pace: Pace | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    tried: int = 0
    _desk: HasPages | None = field(init=False)
    _waiting: list[tuple[int, int, Delivery]] = field(default_factory=list)  # class, order of arrival
    _busy: set[int] = field(default_factory=set)  # people
    _begun: int = 0
    _ended: list[End] = field(default_factory=list)  # not yet written
    _arrived: int = 0
    _looked: float = 0.0
    _is_dry: bool = False  # nothing was due when it was looked last
    _has_ended: bool = False  # something has since
    _took: float = 0.0  # seconds to begin, last time
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _faults: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._desk = self.channel if isinstance(self.channel, HasPages) else None

    async def run(self) -> int:
        """Until nothing is due; how many messages were claimed. What was begun is finished even where a claim fails."""
        ends = Ends(self.books.note)
        try:
            while not self._faults and await self._step(ends):
                pass
        except asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            ends.take(self._ended)
            raise
        except Exception as fault:  # noqa: BLE001 -- raised below, when all that was begun has its end
            self._faults.append(fault)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._faults += await ends.note_all(self._ended)
        if self._faults:
            raise self._faults[0]
        return self.tried

    def take(self, due: Sequence[Delivery]) -> None:
        """Claimed messages: each person's in order, what waited for them the shortest first; the pressing in front."""
        self.tried += len(due)
        for some in _by_person(due):
            first = min(PRIORITIES[delivery.kind] for delivery in some)
            for delivery in sorted(some, key=self._length):
                self._arrived += 1
                self._waiting.append((first, self._arrived, delivery))
        self._waiting.sort(key=lambda one: one[:2])

    async def _step(self, ends: Ends) -> bool:
        """Claim and begin, side by side; else wait for something to change. False when nothing is left."""
        self._changed.clear()
        if self.closing.is_set():
            await self._put_back_all()
        ready, late = self._ready()
        if late:
            await self.books.put_back(late, max(self._delay(delivery) for delivery in late))
        wanted = self._wanted()
        if not ready and not wanted and not self._ended:
            return await self._wait()
        done = await asyncio.gather(self._claim(wanted), self._turn(ready, ends), return_exceptions=True)
        self._faults += [fault for fault in done if isinstance(fault, BaseException)]
        return True

    async def _put_back_all(self) -> None:
        waiting, self._waiting = [delivery for _, _, delivery in self._waiting], []
        if waiting:
            await self.books.put_back(waiting, 0.0)

    def _wanted(self) -> int:
        """How many to claim now: as many again as may be begun, but no more than leave in a second.

        Where nothing was due, it is looked again after a while, and once more when the last has ended.
        """
        if self.closing.is_set():
            return 0
        held, ahead = self._begun + len(self._waiting), self.at_once
        if self._is_dry and not (monotonic() - self._looked > LOOK_SECONDS if held else self._has_ended):
            return 0
        most = self.at_once + ahead
        if self.pace is not None:
            if self.pace.silence() > PATIENCE:
                return 0
            most = min(most, self._begun + max(1, round(self.pace.per_second)))
        return max(0, most - held) if len(self._waiting) <= ahead // 4 else 0

    async def _claim(self, wanted: int) -> None:
        if wanted:
            self._looked, self._has_ended = monotonic(), False
            due = await self.books.claim(wanted)
            self._is_dry = not due
            self.take(due)

    def _ready(self) -> tuple[list[Delivery], list[Delivery]]:
        """What may begin now, one message a person; and what would have to wait for its slot for too long.

        What ends meanwhile makes room: that is written in the same transaction.
        """
        room = self.at_once - self._begun + len(self._ended)
        if self.pace is not None:
            room = min(room, self.pace.room(self._ahead))
        ready, late, kept, people = list[Delivery](), list[Delivery](), [], set(self._busy)
        for entry in self._waiting:
            delivery = entry[2]
            is_next = delivery.conversation_id not in people
            people.add(delivery.conversation_id)
            if is_next and self._delay(delivery) > PATIENCE:
                late.append(delivery)
            elif is_next and len(ready) < room and not self._gap(delivery):
                ready.append(delivery)
            else:
                kept.append(entry)
        self._waiting = kept
        return ready, late

    @property
    def _ahead(self) -> float:
        return min(MOST_AHEAD, AHEAD + 2 * self._took)

    def _delay(self, delivery: Delivery) -> float:
        return 0.0 if self.pace is None else self.pace.delay(delivery.address)

    def _gap(self, delivery: Delivery) -> float:
        return 0.0 if self.pace is None else self.pace.gap_of(delivery.address)

    async def _wait(self) -> bool:
        """For an end, for a slot, or until it is time to look again; False where there is nothing to wait for."""
        if not self._waiting and not self._begun:
            return False
        waits: list[Awaitable[object]] = [self._changed.wait()]
        if not self.closing.is_set():
            waits.append(self.closing.wait())
        if self._begun and self._is_dry:
            waits.append(asyncio.sleep(LOOK_SECONDS))
        gaps = [self._gap(one) for _, _, one in self._waiting if one.conversation_id not in self._busy]
        if gaps and self.pace is not None and self._begun < self.at_once:
            room = self.pace.room(self._ahead)
            waits.append(self.pace.sleep(max(min(gaps), 0.0 if room else self.pace.until_room(self._ahead))))
        tasks = [asyncio.ensure_future(one) for one in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        if self._ended and len(self._ended) < self._begun:
            await asyncio.sleep(GATHERS)
        return True

    async def _turn(self, ready: Sequence[Delivery], ends: Ends) -> None:
        """Write down what has ended, and begin what may leave, in one transaction."""
        ended, self._ended = self._ended, []
        if not ready and not ended:
            return
        worded = [self._wish(delivery) for delivery in ready]
        self._hold(ready)
        asked = monotonic()
        try:
            begun = await self.books.turn(ended, [wish for wish, _ in worded])
        except asyncio.CancelledError:
            ends.take(ended)
            raise
        except Exception:
            self._let_go(ready)
            self._faults += await ends.note_all(ended)
            raise
        finally:
            self._let_go([end.begun.delivery for end in ended])
        self._took = monotonic() - asked
        self._let_go([delivery for delivery in ready if delivery.id not in begun])
        for wish, push in worded:
            if wish.delivery.id in begun and push is not None:
                task = asyncio.create_task(self._leave(begun[wish.delivery.id], push))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _wish(self, delivery: Delivery) -> tuple[Wish, Push | None]:
        """The message in words, and in which ways they may be said; what can't be put into words holds nothing up."""
        try:
            push = self.push(delivery)
            ways = self.channel.ways(push)
        except Exception:
            log.exception("send", channel=self.channel.name)
            return Wish(delivery, (), fault=FAULT), None
        elsewhere = self._desk is not None and not self._desk.is_open(delivery.address)
        return Wish(delivery, ways, elsewhere), push

    async def _leave(self, begun: Begun, push: Push) -> None:
        end = await self._end_of(begun, push, monotonic())
        self._ended.append(end)
        self._changed.set()

    async def _end_of(self, begun: Begun, push: Push, begun_at: float) -> End:
        """The attempt itself, shorter than its claim's lease."""
        address = begun.delivery.address
        if self.pace is not None and not await self.pace.leave(address, FRESH_SECONDS):
            return End(begun, left=False, after=max(FRESH_SECONDS, self.pace.silence()))
        if monotonic() - begun_at > FRESH_SECONDS:
            return End(begun, left=False, after=FRESH_SECONDS)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return End(begun, await self.channel.send(address, push, begun.way.name))
        except TimeoutError:
            return self._failed(begun, Failure("no answer", retryable=True, unknown=True))
        except SendFailed as failed:
            return self._failed(begun, failed.failure)
        except Exception:
            log.exception("send", channel=self.channel.name)
            return self._failed(begun, FAULT)

    def _failed(self, begun: Begun, failure: Failure) -> End:
        if failure.after is not None and self.pace is not None:
            self.pace.pause(failure.after)
        log.info("send", channel=self.channel.name, outcome=failure.reason, unknown=failure.unknown)
        return End(begun, failure=failure)

    def _hold(self, some: Iterable[Delivery]) -> None:
        for delivery in some:
            self._begun += 1
            self._busy.add(delivery.conversation_id)

    def _let_go(self, some: Iterable[Delivery]) -> None:
        for delivery in some:
            self._begun -= 1
            self._busy.discard(delivery.conversation_id)
            self._has_ended = True
            self._changed.set()

    def _length(self, delivery: Delivery) -> int:
        """How much there is to say of what waited; what can't be put into words is told when its turn comes."""
        try:
            return sum(len(message.text) for message in self.push(delivery).messages) if delivery.late else 0
        except Exception:  # noqa: BLE001 -- told in `_wish`
            return 0


def _by_person(due: Sequence[Delivery]) -> Iterable[Sequence[Delivery]]:
    by_person: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in due:
        by_person[delivery.conversation_id].append(delivery)
    return by_person.values()
