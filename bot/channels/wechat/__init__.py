"""WeChat Official Accounts: passive replies, customer messages, the menu."""

from bot.channels.wechat.endpoint import WeChatChannel

__all__ = ["WeChatChannel"]
