"""The web chat: one page, small requests, and pushes by server-sent events."""

from bot.channels.web.endpoint import WebChannel
from bot.chat import Chat
from bot.delivery import Sender
from bot.settings import Settings
from storage.conversations import index_of

__all__ = ["WebChannel", "build_web"]


def build_web(settings: Settings, chat: Chat, sender: Sender) -> WebChannel:
    """The channel, its cookies signed with a key of the vault; a page that begins to listen gets what waits for it."""
    return WebChannel(
        chat=chat,
        cookie_keys=chat.database.vault.derived("web cookie"),
        base_url=settings.base_url,
        index=lambda address: index_of(chat.database.vault, WebChannel.name, address).hex(),
        on_connect=lambda address: sender.send_to(WebChannel.name, address),
    )
