"""Stopping politely: pages that listen don't hold it up, and what was being decided is finished."""

import threading
from pathlib import Path

import httpx
import pytest

from tests.program import Page, Program
from tests.talks.typed import typed


@pytest.mark.slow
def test_an_open_page_does_not_hold_up_a_restart(tmp_path: Path) -> None:
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'anju.db'}")
    program.start()
    page = Page(program)
    page.open()
    listening, ended = threading.Event(), threading.Event()

    def listen() -> None:
        with page.listen() as response:
            for chunk in response.iter_bytes():
                listening.set()
                assert chunk
        ended.set()

    listener = threading.Thread(target=listen)
    listener.start()
    assert listening.wait(10)
    program.stop()
    assert ended.wait(5)
    listener.join()
    page.close()


@pytest.mark.slow
def test_a_restart_loses_no_answer(tmp_path: Path) -> None:
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'anju.db'}")
    program.start()
    page = Page(program)
    page.open()
    for number, text in enumerate(typed()):
        try:
            page.say(f"m{number}", text)
        except httpx.HTTPError:
            pytest.fail("an answer was lost")
        if number % 10 == 9:
            program.stop()
            program.start()
    again = page.say("m28", "提交")
    assert again["again"]
    assert "受理编号" in again["messages"][0]["text"]
    page.close()
    program.stop()
