"""FastAPI with SQLAlchemy's async ORM, one session a request (docs: FastAPI dependencies, SQLAlchemy asyncio)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import JSON, BigInteger
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.peers.programs import form

engine = create_async_engine(form.DATABASE)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """Every table."""


class Talk(Base):
    """What somebody answered so far."""

    __tablename__ = "talks"
    chat: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    step: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


class Chat(BaseModel):
    """Whose message it is."""

    id: int


class Message(BaseModel):
    """What was written."""

    chat: Chat
    text: str = ""


class Update(BaseModel):
    """An update, as far as it is used."""

    update_id: int
    message: Message


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The tables are made at start."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


async def session() -> AsyncIterator[AsyncSession]:
    """A session for the request."""
    async with sessions() as opened:
        yield opened


app = FastAPI(lifespan=lifespan)


@app.post("/telegram")
async def telegram(
    update: Update,
    database: Annotated[AsyncSession, Depends(session)],
    x_telegram_bot_api_secret_token: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """One message; the reply rides in the response."""
    if x_telegram_bot_api_secret_token != form.SECRET:
        raise HTTPException(401)
    chat = update.message.chat.id
    text = await _answer(database, chat, update.message.text)
    await database.commit()
    return {"method": "sendMessage", "chat_id": chat, "text": text}


async def _answer(database: AsyncSession, chat: int, text: str) -> str:
    talk = await database.get(Talk, chat, with_for_update=True)
    if talk is None:
        database.add(Talk(chat=chat, step="name", answers={}))
        return form.ask("name")
    if not form.is_valid(talk.step, text):
        return form.refuse(talk.step)
    talk.answers = {**talk.answers, talk.step: text}
    talk.step = form.following(talk.step)
    return form.ask(talk.step)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=form.PORT, access_log=False, log_level="warning")
