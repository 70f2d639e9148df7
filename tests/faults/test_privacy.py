"""Nothing that identifies a person stands in the database file, a dump of it, or the logs."""

import subprocess
from pathlib import Path

import pytest

from tests import house as houses
from tests.handlers.answers.telling import id_number
from tests.program import Page, Program
from tests.talks.typed import typed

PLANTED = {
    "name": "欧阳月华",
    "id_number": id_number("341225", "19830412", "328"),
    "phone": "13987612345",
    "hukou_address": "安徽省阜南县柳林镇赵家庄7组41号",
    "address": "桂花巷77号9幢1301室",
    "landlord_name": "诸葛文山",
    "landlord_phone": "13600098765",
    "employer": "桂花巷热干面馆",
}


def traces() -> list[bytes]:
    """What to look for: the planted words in the encodings that could hold them, whole and in telling parts."""
    told = [*PLANTED.values(), PLANTED["id_number"][:17], PLANTED["phone"][3:], "阜南", "欧阳", "诸葛", "桂花巷"]
    words = [*told, "+86" + PLANTED["phone"], *(_escaped(word) for word in told)]
    return [word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le", "gbk")]


def _escaped(word: str) -> str:
    return word.encode("unicode_escape").decode()


def found_in(data: bytes) -> list[str]:
    return [trace.decode("utf-8", "replace") for trace in traces() if trace in data]


def dump(url: str, folder: Path) -> bytes:
    """Everything the database keeps: the file with its log, or every table as text."""
    if url.startswith("sqlite"):
        return b"".join(path.read_bytes() for path in folder.glob("anju.db*"))
    import psycopg
    from psycopg import sql

    parts = []
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))).fetchall()
            parts += [row[0].encode() for row in rows]
            blobs = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
            parts += [bytes(value) for row in blobs for value in row if isinstance(value, bytes | memoryview)]
    return b"\n".join(parts)


def test_the_search_finds_what_is_planted() -> None:
    assert found_in(PLANTED["name"].encode())
    assert found_in(b"x" + PLANTED["phone"].encode() + b"y")
    assert found_in(_escaped(PLANTED["address"]).encode())
    assert not found_in(b"nothing of the kind")


@pytest.mark.slow
def test_planted_words_are_nowhere_in_the_clear(database_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, database_url, ANJU_LOG_FORMAT="json")
    program.start()
    page = Page(program)
    page.open()
    said = [page.say(f"m{number}", text) for number, text in enumerate(typed(**PLANTED))]
    page.say("photo", files=["0" * 32 + ".x"])
    assert "受理编号" in said[-1]["messages"][0]["text"]
    metrics = page.get("/metrics")
    page.close()
    while_running = dump(database_url, tmp_path)
    program.stop()
    assert found_in(while_running) == []
    assert found_in(dump(database_url, tmp_path)) == []
    assert found_in(program.log.read_bytes()) == []
    assert found_in(metrics) == []
    assert b'"event":"turn"' in program.log.read_bytes()


@pytest.mark.slow
def test_a_fault_in_the_program_tells_the_log_its_place_and_no_answer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'anju.db'}"
    program = Program(tmp_path, url, ANJU_LOG_FORMAT="json")
    program.start()
    page = Page(program)
    page.open()
    for number, text in enumerate(typed(**PLANTED)[:8]):
        page.say(f"m{number}", text)
    subprocess.run(  # noqa: S603 -- sqlite from Python's own library
        [houses.PYTHON, "-c", BREAK, str(tmp_path / "anju.db")], check=True, timeout=30
    )
    status = page.status("m99", PLANTED["phone"])
    page.close()
    program.stop()
    assert status >= 500
    assert found_in(program.log.read_bytes()) == []


BREAK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DROP TABLE messages'); c.commit()"
