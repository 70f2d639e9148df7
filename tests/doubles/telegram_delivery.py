"""How updates get to a bot: by its webhook, again where it isn't answered, or kept for getUpdates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from tests.doubles import outgoing

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
DELIVERIES = 3
DEFAULTS = ("message", "edited_message", "callback_query", "my_chat_member", "inline_query")
Update = dict[str, Any]


@dataclass
class Delivery:
    """`url`: where updates go instead of the webhook's own address; `patience`: seconds to wait for an answer."""

    url: str = ""
    patience: float = 60.0
    undelivered: list[Update] = field(default_factory=list)

    async def post(self, update: Update, webhook: Mapping[str, Any], take: Callable[[str, Update], object]) -> bool:
        """Deliver to the webhook; whether the bot took it. A call in its answer is carried out by `take`."""
        if not is_wanted(update, webhook):
            return True
        for _ in range(DELIVERIES):
            response = await self._try(update, webhook)
            if response is None or not response.is_success:
                continue
            if response.content:
                values = orjson.loads(response.content)
                take(values.pop("method"), values)
            return True
        self.undelivered.append(update)
        return False

    async def _try(self, update: Update, webhook: Mapping[str, Any]) -> httpx.Response | None:
        headers = {SECRET_HEADER: webhook["secret_token"]} if webhook.get("secret_token") else {}
        try:
            async with outgoing.client(self.patience) as http:
                return await http.post(self.url or webhook["url"], json=update, headers=headers)
        except httpx.TransportError:
            return None


def is_wanted(update: Update, asked: Mapping[str, Any]) -> bool:
    """Whether an update's kind is among `allowed_updates`."""
    kinds = asked.get("allowed_updates") or DEFAULTS
    return any(kind in update for kind in kinds)
