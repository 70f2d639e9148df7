"""The web chat: one page, small requests, and pushes by server-sent events."""

from bot.channels.web.endpoint import WebChannel

__all__ = ["WebChannel"]
