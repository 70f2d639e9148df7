"""The page of the WeChat double."""

from dataclasses import dataclass

from aiohttp import web

from tests.doubles import page
from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_follower import Follower
from tests.doubles.wechat_people import Person
from tests.doubles.wechat_phone import links, shown
from tests.doubles.witness import Seen

OPENID_LENGTH = 28


@dataclass(frozen=True, slots=True)
class Page:
    """What its forms do."""

    double: WeChatDouble

    def routes(self) -> list[web.RouteDef]:
        """The page and its forms."""
        doings = (self.follow, self.unfollow, self.say, self.press, self.choose, self.picture, self.grant)
        actions = [page.action(doing.__name__, doing) for doing in doings]
        return [web.get("/", self.show), *actions, *page.control_routes(self.double, self.double.troubles)]

    async def show(self, _: web.Request) -> web.Response:
        """The whole page."""
        people = [_person(self.double, person) for person in self.double.people.known.values()]
        new = page.form("follow", "New follower", page.field("name", "name, in Latin letters"))
        return page.layout("WeChat, for trying out", [new, *people, page.controls(self.double)])

    async def follow(self, fields: page.Fields, _: bytes) -> None:
        """Somebody new, or who left before."""
        await Follower(self.double, fields.get("openid") or openid(fields["name"])).follow()

    async def unfollow(self, fields: page.Fields, _: bytes) -> None:
        """Leave."""
        await self._follower(fields).unfollow()

    async def say(self, fields: page.Fields, _: bytes) -> None:
        """Write."""
        await self._follower(fields).say(fields["text"])

    async def press(self, fields: page.Fields, _: bytes) -> None:
        """Tap a link."""
        await self._follower(fields).press(fields["text"], fields["item"])

    async def choose(self, fields: page.Fields, _: bytes) -> None:
        """Tap the menu."""
        await self._follower(fields).choose(fields["key"])

    async def picture(self, fields: page.Fields, content: bytes) -> None:
        """Send a picture."""
        await self._follower(fields).show(f"media-{len(self.double.media) + 1}", content)

    async def grant(self, fields: page.Fields, _: bytes) -> None:
        """Agree to one notification."""
        self.double.chose(fields["openid"], {fields["template"]: True})

    def _follower(self, fields: page.Fields) -> Follower:
        return Follower(self.double, fields["openid"])


def openid(name: str) -> str:
    """An openid that can be told from others."""
    letters = "".join(letter for letter in name if letter.isascii() and letter.isalnum())
    return f"o{letters}".ljust(OPENID_LENGTH, "0")[:OPENID_LENGTH]


def _person(double: WeChatDouble, person: Person) -> str:
    seen = [one for one in double.seen if one.person == person.openid]
    texts = [Seen(one.person, one.at, shown(one.text), one.way) for one in seen]
    left = [f"{name}: {grant.left}" for name, grant in person.grants.items() if double.clock.now() < grant.until]
    state = f"{person.state}; may be sent {', '.join(left) or 'nothing'}"
    parts = [_links(person.openid, seen), _writing(double, person.openid), _menu(double, person.openid)]
    return f"<section><h2>{person.openid}</h2><p>{state}</p>{page.seen_list(texts)}{'<br>'.join(parts)}</section>"


def _links(who: str, seen: list[Seen]) -> str:
    """The links of the last text."""
    found = links(seen[-1].text) if seen else []
    return "".join(page.form("press", link.label, openid=who, text=link.says, item=link.id) for link in found)


def _writing(double: WeChatDouble, who: str) -> str:
    following = page.form("unfollow", "Unfollow", openid=who) + page.form("follow", "Follow again", openid=who)
    granting = [page.form("grant", f"Grant {name} once", openid=who, template=name) for name in double.notifications]
    return (
        page.form("say", "Send", page.field("text", "Message"), openid=who)
        + page.form("picture", "Send picture", page.field("file", "Picture", "file"), openid=who)
        + following
        + "".join(granting)
    )


def _menu(double: WeChatDouble, who: str) -> str:
    groups = (double.menu or {}).get("button", [])
    buttons = [button for group in groups for button in group.get("sub_button", [group])]
    return "".join(
        page.form("choose", f"☰ {one['name']}", openid=who, key=one["key"]) for one in buttons if "key" in one
    )
