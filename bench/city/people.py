"""The people of the city: who they are, by which platform they talk, and what they say. Everybody is invented."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛奚"
FIRST, SECOND = "伟芳敏静磊洋艳勇军杰娟涛明超秀霞平刚桂英", "一文子小玉海国建春志晓梦雨思佳嘉俊浩宇轩"
REGION, WEIGHTS, CHECKS = "341225", (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
SLIPS = 0.15
SCANS = "scans:"
FIRST_BIRTH = date(1961, 1, 1)


@dataclass(frozen=True, slots=True)
class Facts:
    """Who somebody is."""

    name: str
    id_number: str
    phone: str
    hukou_address: str
    address: str
    employer: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand in no log and no metric."""
        return (self.name, self.id_number, self.phone, self.hukou_address, self.address, self.employer)


def facts(number: int) -> Facts:
    """The facts of the so many-th person; no two have any in common."""
    surname, first = SURNAMES[number % len(SURNAMES)], FIRST[number // len(SURNAMES) % len(FIRST)]
    second = SECOND[number // (len(SURNAMES) * len(FIRST)) % len(SECOND)]
    return Facts(
        name=surname + second + first,
        id_number=id_number(FIRST_BIRTH + timedelta(days=5 * (number % 3000)), 100 + number // 3000),
        phone=f"138{20_000_000 + 37 * number}",
        hukou_address=f"安徽省阜南县王店镇李庄村{number + 1}组12号",
        address=f"长青路{number + 1}号3幢502室",
        employer=f"城东{number + 1}号餐馆",
    )


def id_number(born: date, turn: int) -> str:
    """An ID number whose check digit fits (GB 11643)."""
    body = f"{REGION}{born:%Y%m%d}{turn:03}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


@dataclass(eq=False, slots=True)
class Person:
    """One person: what they said and saw, and what the office must have of it. `receipt`: their number at the office.

    home: the code of the home they scanned. expected: the acknowledged answers, as they must be stored.
    """

    number: int
    facts: Facts
    way: Any
    chance: random.Random
    expected: dict[str, Any] = field(default_factory=dict)
    receipt: str = ""
    home: str = ""
    hears: list[str] = field(default_factory=list)
    said: list[datetime] = field(default_factory=list)
    strayed: list[str] = field(default_factory=list)
    role: str = ""
    asked_again: bool = False
    conversation: int = 0

    def pause(self) -> float:
        """Seconds of thinking."""
        return self.chance.uniform(3, 40)


Line = tuple[str, str, Mapping[str, Any]]  # what is said, words of the answer that must come, what is then stored


def registration(who: Facts, today: date, chance: random.Random, home: str = "") -> Iterator[Line]:
    """A whole talk, typed, with the slips that people make; `home`: at the home whose poster was scanned."""
    yield from _begins(home)
    yield from _identity(who, chance)
    yield "汉", "户", {"ethnicity": "01"}
    yield who.hukou_address, "手机", {"hukou_address": who.hukou_address}
    if chance.random() < SLIPS:
        yield "12345", "", {}
    yield who.phone, "文化", {"phone": f"+86{who.phone}"}
    yield "初中", "", {"education": "70"}
    yield "跳过", "", {}
    yield "跳过", "", {}
    yield from _place(who, chance, home)
    yield "租", "", {"stay_kind": "rented"}
    yield "王芳", "", {"landlord_name": "王芳"}
    yield "跳过", "", {}
    arrived = today - timedelta(days=1)  # said as a date: whose talk goes on past midnight means another yesterday
    yield f"{arrived.year}年{arrived.month}月{arrived.day}日", "", {"arrived_on": arrived.isoformat()}
    yield "1", "", {}
    yield "工作", "", {"reason": "work"}
    yield who.employer, "", {"employer": who.employer}
    yield "餐饮", "", {"industry": "catering"}
    yield "交", "", {"social_insurance": "yes"}
    yield "到窗口出示", "", {"paper_identity": {"files": [], "plan": "counter"}}
    yield "以后", "提交", {"paper_dwelling": {"files": [], "plan": "later"}}
    yield "提交", "受理编号", {}


def _begins(home: str) -> Iterator[Line]:
    yield f"{SCANS}{home}" if home else "你好", "同意", {}
    yield "同意", "户口", {"consent": "agree"}
    yield "外地", "", {"hukou_kind": "elsewhere"}
    yield "1", "", {"lodging": "ordinary"}
    yield "1", "", {"stay_length": "longer"}
    yield "自己", "身份证", {"subject": "self"}


def _identity(who: Facts, chance: random.Random) -> Iterator[Line]:
    """Number and name, with a digit mistaken and a step back now and then."""
    if chance.random() < SLIPS:
        yield who.id_number[:-1] + CHECKS[(CHECKS.index(who.id_number[-1]) + 3) % 11], "身份证", {}
    yield who.id_number, "姓名", {"id_number": who.id_number}
    yield who.name, "民族", {"name": who.name}
    if chance.random() < SLIPS:
        yield "上一题", "姓名", {}
        yield "不改", "民族", {}


def _place(who: Facts, chance: random.Random, home: str) -> Iterator[Line]:
    if home:
        yield "是", "", {"home": "yes"}
        return
    street, area = chance.choice("123"), chance.choice("12")
    yield street, "", {"area_street": f"S0{street}"}
    yield area, "", {"area": f"S0{street}-0{area}"}
    yield who.address, "", {"address": who.address}


def letting(who: Facts) -> Iterator[Line]:
    """A landlord registers a home."""
    for text in ("我是房东", "同意", "1", "城中村", "1", "2", who.address, "整套", "8", "1", who.name, who.phone):
        yield text, "", {}
    yield "提交", "收到", {}
