"""Telegram: answers in the webhook's response or by the Bot API, buttons, the list of commands."""

from bot.channels.telegram.endpoint import TelegramChannel

__all__ = ["TelegramChannel"]
