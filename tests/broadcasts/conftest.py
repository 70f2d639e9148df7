"""A house on each kind of database."""

from collections.abc import AsyncIterator

import pytest

from bot.house import House
from tests import house as houses


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """An open house."""
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened
