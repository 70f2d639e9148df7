"""The staff's console: pages that work without scripts, each behind one guard."""

from bot.console.desk import build_desk
from bot.console.entries import routes

__all__ = ["build_desk", "routes"]
