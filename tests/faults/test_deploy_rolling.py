"""A new version replaces the old one copy by copy, while people talk: nothing acknowledged is lost, nobody is refused.

Two copies of the program stand behind a door that gives each request to the next one; a copy about to be replaced gets
no more of them, then SIGTERM. What is refused with 503, or finds nobody, is told to be repeated: people repeat it.
"""

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.test_kill import sent
from tests.handlers.answers.telling import id_number
from tests.program import Program
from tests.talks.typed import TALK, typed

FULL = os.environ.get("ANJU_FAULTS") == "full"
PEOPLE = 24 if FULL else 4
ROUNDS = 4 if FULL else 1
ORIGIN = "http://anju.test"
TRIES, PAUSE = 200, 0.3
REPEAT = {502, 503}  # nobody was there, and not saved: both are told to be repeated


@dataclass(slots=True)
class Door:
    """A tiny round robin. `listed`: who takes requests; a request that a copy broke off is answered with 502."""

    listed: list[Program] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def post(self, client: httpx.Client, path: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """To the next copy: the status, and what it answered."""
        copies = list(self.listed)
        try:
            response = client.post(copies[next(self._turns) % len(copies)].url + path, json=message)
        except httpx.TransportError:
            self.statuses[502] += 1
            return 502, {}
        self.statuses[response.status_code] += 1
        return response.status_code, response.json()

    def replace(self, old: Program, new: Program) -> None:
        """The new copy runs beside the old one; then the old one is taken out, finishes and stops."""
        new.start()
        self.listed.append(new)
        time.sleep(0.3)
        self.listed.remove(old)
        old.stop()


@dataclass(slots=True)
class Person:
    """Somebody at a browser behind the door, who repeats what wasn't acknowledged."""

    door: Door
    number: int
    client: httpx.Client
    answers: dict[str, object] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """Who they are."""
        born = f"19{60 + self.number // 10}0{1 + self.number % 9}07"
        return {
            "id_number": id_number("341225", born, f"{100 + self.number}"),
            "name": "李" + "伟芳军敏静磊洋艳"[self.number % 8] + "一二三四五"[self.number // 8],
            "phone": f"138123456{self.number:02}",
        }

    def say(self, message_id: str, text: str) -> dict[str, Any]:
        """One message, repeated until it is acknowledged."""
        for _ in range(TRIES):
            status, answered = self.door.post(self.client, "/chat/messages", {"id": message_id, "text": text})
            if status == httpx.codes.OK:
                return answered
            assert status in REPEAT, (status, answered)
            time.sleep(PAUSE)
        raise AssertionError("never acknowledged")

    def talk(self, stop: threading.Event) -> None:
        """Say everything; then look in until the last copy is replaced."""
        for number, text in enumerate(typed(**self.facts)):
            self.answers[f"m{number}"] = self.say(f"m{number}", text)["messages"]
            time.sleep(PAUSE)
        for number in itertools.count():
            if stop.is_set():
                return
            self.answers[f"h{number}"] = self.say(f"h{number}", "帮助")["messages"]
            time.sleep(PAUSE)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_copies_are_replaced_one_by_one_while_people_talk(database_url: str, tmp_path: Path) -> None:
    door, stop = Door(), threading.Event()
    door.listed = [_program(tmp_path, database_url, "old0"), _program(tmp_path, database_url, "old1")]
    try:
        for copy in door.listed:
            copy.start()
        people = [Person(door, number, _client(door)) for number in range(PEOPLE)]
        with ThreadPoolExecutor(PEOPLE) as threads:
            talks = [threads.submit(person.talk, stop) for person in people]
            try:
                for turn in range(ROUNDS):
                    for number, old in enumerate(list(door.listed)):
                        door.replace(old, _program(tmp_path, database_url, f"new{turn}-{number}"))
            finally:
                stop.set()
            for talk in talks:
                talk.result()
        _nothing_is_lost(people)
    finally:
        for copy in door.listed:
            copy.kill()
    assert not {status for status in door.statuses if status != httpx.codes.OK and status not in REPEAT}
    _each_is_registered_once(people, database_url)


def _nothing_is_lost(people: list[Person]) -> None:
    """Each message again has the answer that it had, from whichever copy."""
    for person in people:
        again = {number: person.say(number, "…")["messages"] for number in person.answers}
        assert again == person.answers
        assert "受理编号" in str(person.answers[f"m{len(TALK) - 1}"])
        person.client.close()


def _each_is_registered_once(people: list[Person], url: str) -> None:
    told = {submission.answers["id_number"].value: submission.answers for submission in sent(url)}
    assert len(sent(url)) == len(told) == len(people)
    for person in people:
        answers = told[person.facts["id_number"]]
        assert answers["name"].value == person.facts["name"]
        assert answers["phone"].value == f"+86{person.facts['phone']}"


def _program(folder: Path, url: str, name: str) -> Program:
    own = folder / name
    own.mkdir()
    return Program(own, url, ANJU_BASE_URL=ORIGIN, ANJU_MESSAGES_AT_ONCE="100000")


def _client(door: Door) -> httpx.Client:
    client = httpx.Client(headers={"Origin": ORIGIN}, timeout=30)
    client.get(f"{door.listed[0].url}/").raise_for_status()  # the page, which gives the cookie
    return client
