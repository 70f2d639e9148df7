"""The page of the WeChat double."""

from aiohttp import web

from tests.doubles import page
from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_follower import Follower
from tests.doubles.wechat_people import Person
from tests.doubles.wechat_phone import links, shown
from tests.doubles.witness import Seen

OPENID_LENGTH = 28


def routes(double: WeChatDouble) -> list[web.RouteDef]:
    """The page and its forms."""

    async def show(_: web.Request) -> web.Response:
        people = [_person(double, person) for person in double.people.known.values()]
        new = page.form("follow", "New follower", page.field("name", "name, in Latin letters"))
        return page.layout("WeChat, for trying out", "", [new, *people, page.controls(double)])

    async def follow(fields: page.Fields, _: bytes) -> None:
        await Follower(double, fields.get("openid") or openid(fields["name"])).follow()

    async def unfollow(fields: page.Fields, _: bytes) -> None:
        await Follower(double, fields["openid"]).unfollow()

    async def say(fields: page.Fields, _: bytes) -> None:
        await Follower(double, fields["openid"]).say(fields["text"])

    async def press(fields: page.Fields, _: bytes) -> None:
        await Follower(double, fields["openid"]).press(fields["text"], fields["item"])

    async def choose(fields: page.Fields, _: bytes) -> None:
        await Follower(double, fields["openid"]).choose(fields["key"])

    async def picture(fields: page.Fields, content: bytes) -> None:
        await Follower(double, fields["openid"]).show(f"media-{len(double.media) + 1}", content)

    async def grant(fields: page.Fields, _: bytes) -> None:
        double.granted(fields["openid"], fields["template"])

    doings = {"follow": follow, "unfollow": unfollow, "say": say, "press": press, "choose": choose,
              "picture": picture, "grant": grant}  # fmt: skip
    actions = [page.action(name, doing) for name, doing in doings.items()]
    return [web.get("/", show), *actions, *page.control_routes(double, double.troubles)]


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
