"""aiogram 3's finite state machine behind its aiohttp webhook (docs: FSM, webhook).

STORAGE: memory or redis. ANSWER=response: the handler returns the method, which rides in the response; ANSWER=api: it
awaits `message.answer`.
"""

import os

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.methods import SendMessage
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from bench.peers.programs import form

IN_RESPONSE = os.environ["ANSWER"] == "response"


class Filling(StatesGroup):
    """A state for each question."""

    name = State()
    phone = State()
    id_number = State()
    employer = State()


STATES = {state.state.partition(":")[2]: state for state in Filling.__all_states__ if state.state}
router = Router()


@router.message(StateFilter(None))
async def begin(message: Message, state: FSMContext) -> SendMessage | None:
    """The first message: ask the first question."""
    await state.set_state(Filling.name)
    return await _say(message, form.ask("name"))


@router.message(StateFilter(Filling))
async def answer(message: Message, state: FSMContext) -> SendMessage | None:
    """An answer: check it, keep it, ask the next question."""
    step = str(await state.get_state()).partition(":")[2]
    text = message.text or ""
    if not form.is_valid(step, text):
        return await _say(message, form.refuse(step))
    await state.update_data({step: text})
    following = form.following(step)
    await state.set_state(STATES[following])
    return await _say(message, form.ask(following))


async def _say(message: Message, text: str) -> SendMessage | None:
    if IN_RESPONSE:
        return message.answer(text)
    await message.answer(text)
    return None


def main() -> None:
    """Serve until stopped."""
    storage: BaseStorage = MemoryStorage()
    if os.environ["STORAGE"] == "redis":
        storage = RedisStorage.from_url(form.DATABASE)
    bot = Bot(form.TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(form.API)))
    dispatcher = Dispatcher(storage=storage)
    dispatcher.include_router(router)
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=not IN_RESPONSE, secret_token=form.SECRET)
    handler.register(app, path="/telegram")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=form.PORT, access_log=None, print=None)


if __name__ == "__main__":
    main()
