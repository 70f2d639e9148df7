"""The lists that transcripts hand in, and the platform that they are fetched from."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from bot.house import House
from bot.imports.importer import Importer
from tests.days import today
from tests.imports.lists import HEADS, comma, xlsx

GOOD = ("幸福路20号", "", "李伟", "13812345678", "341225199003071233")
ALSO_GOOD = ("", "", "王芳", "13912345678", "")
HOME_HEADS = (
    "您是", "房屋种类", "街道", "社区", "详细地址", "房间", "最多住几人", "房主是", "房主", "统一社会信用代码",
    "管房人姓名", "联系手机",
)  # fmt: skip
HOMES = (
    ("房主", "自建房（城中村、农村）", "安宁街道", "河滨社区", "幸福路30号", "101 102", "8", "个人", "王芳", "", "",
      "13912345678"),
    ("物业或租赁公司", "宿舍", "安宁街道", "河滨社区", "幸福路31号", "", "40", "单位", "杭州安心制衣有限公司",
     "91110000600037341L", "李伟", "13812345678"),
)  # fmt: skip
ENGLISH = ("Home", "Room", "Worker's name", "Worker's mobile", "ID number", "Moved in on", "Moved out on")


def _day(ago: int) -> str:
    return (today() - timedelta(days=ago)).isoformat()


@cache
def content(name: str) -> bytes:
    """A list by its name."""
    rows: dict[str, Any] = {
        "good": [(*GOOD, _day(3), ""), (*ALSO_GOOD, _day(9), _day(2))],
        "some bad": [(*GOOD, _day(3), ""), ("", "", "王芳", "139", "", _day(9), ""), ("", "", "", "", "", "昨天", "")],
    }
    if name in rows:
        return xlsx(rows[name])
    if name == "english":
        return comma([(*GOOD, _day(3), "")], "utf-8", ENGLISH)
    if name == "homes":
        return xlsx(HOMES, HOME_HEADS)
    return b"PK\x03\x04 this is no workbook" if name == "broken" else comma([], heads=HEADS)


class Platform:
    """Where the files lie that were sent in a transcript; it stands for the world outside."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def fetch(self, reference: str) -> bytes:
        """A file by its reference."""
        return self.files[reference]


async def work(house: House, platform: Platform) -> None:
    """What the clock would start."""
    channels: Mapping[str, Any] = {"engine": platform, "telegram": platform}
    await Importer(house.chat, channels).work_due()
