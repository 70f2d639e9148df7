"""A bare prototype of Anju's design: Starlette, one SQLite writer that commits what waits together, each turn durable.

Three statements a turn: the message id (each message counts once), the state read, the state stored. No encryption,
no templates but the form's, no metrics: what the design costs at least.
"""

import asyncio
import hmac
import queue
import threading
from collections.abc import Callable
from typing import Any

import orjson
import uvicorn
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers.programs import form

BATCH = 64

metadata = MetaData()
messages = Table("messages", metadata, Column("number", Integer, primary_key=True), Column("chat", Integer))
talks = Table(
    "talks",
    metadata,
    Column("chat", Integer, primary_key=True),
    Column("step", String),
    Column("answers", LargeBinary),
)
_NOTE = insert(messages)
_GET = select(talks.c.step, talks.c.answers).where(talks.c.chat == bindparam("whose"))
_BEGIN = insert(talks)
_SAVE = update(talks).where(talks.c.chat == bindparam("whose"))

Work = Callable[[Connection], Any]
jobs: queue.SimpleQueue[tuple[Work, asyncio.Future[Any], asyncio.AbstractEventLoop]] = queue.SimpleQueue()


def write() -> None:
    """The writer: runs what waits in one transaction, then tells everybody."""
    engine = create_engine(f"sqlite:///{form.DATABASE}", isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", _prepare)
    metadata.create_all(engine)
    with engine.connect() as connection:
        while True:
            batch = [jobs.get()]
            while len(batch) < BATCH:
                try:
                    batch.append(jobs.get_nowait())
                except queue.Empty:
                    break
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            told = [(future, work(connection)) for work, future, _ in batch]
            connection.exec_driver_sql("COMMIT")
            batch[0][2].call_soon_threadsafe(_tell, told)


def _prepare(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _tell(told: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in told:
        future.set_result(result)


def turn(connection: Connection, number: int, chat: int, text: str) -> str:
    """The reply to a message."""
    connection.execute(_NOTE, {"number": number, "chat": chat})
    found = connection.execute(_GET, {"whose": chat}).one_or_none()
    if found is None:
        connection.execute(_BEGIN, {"chat": chat, "step": "name", "answers": b"{}"})
        return "name"
    step, answers = found.step, orjson.loads(found.answers)
    if not form.is_valid(step, text):
        return f"!{step}"
    answers[step] = text
    following = form.following(step)
    connection.execute(_SAVE, {"whose": chat, "step": following, "answers": orjson.dumps(answers)})
    return following


async def telegram(request: Request) -> Response:
    """One message; the reply rides in the response."""
    if not hmac.compare_digest(request.headers.get("x-telegram-bot-api-secret-token", ""), form.SECRET):
        return Response(status_code=401)
    given = orjson.loads(await request.body())
    chat, text = given["message"]["chat"]["id"], given["message"]["text"]
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()
    jobs.put((lambda connection: turn(connection, given["update_id"], chat, text), future, loop))
    step = await future
    said = form.refuse(step[1:]) if step.startswith("!") else form.ask(step)
    body = orjson.dumps({"method": "sendMessage", "chat_id": chat, "text": said})
    return Response(body, media_type="application/json")


if __name__ == "__main__":
    threading.Thread(target=write, daemon=True).start()
    app = Starlette(routes=[Route("/telegram", telegram, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=form.PORT, access_log=False, log_level="warning")
