"""Customer messages: what the platform checks, and what the person then sees."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.doubles.wechat_account import Account
from tests.doubles.wechat_refusal import Refusal

TEXT_BYTES = 2048
FORGOTTEN = datetime.min.replace(tzinfo=UTC)
Body = Mapping[str, Any]


def custom(account: Account, body: Body) -> dict[str, Any]:
    """message/custom/send."""
    person = account.person(body["touser"])
    person.open(account.clock.now())
    text = shown(body)
    if body["msgtype"] == "image" and account.uploaded.get(body["image"]["media_id"], FORGOTTEN) <= account.clock.now():
        raise Refusal(40007)
    if len(text.encode()) > TEXT_BYTES:
        raise Refusal(45002)
    person.spend(account.clock.now())
    account.sent.append((person.openid, text))
    account.saw(person.openid, text, "customer")
    return {}


def shown(body: Body) -> str:
    """What a message looks like as text; Refusal for what the platform can't read."""
    kind = body.get("msgtype")
    content = body.get(str(kind))
    if kind not in SHOWN or not isinstance(content, Mapping):
        raise Refusal(40008)
    text = SHOWN[kind](content)
    if not text:
        raise Refusal(44004)
    return text


def _text(content: Body) -> str:
    return str(content.get("content", "")).strip()


def _menu(content: Body) -> str:
    items = [str(item["content"]) for item in content.get("list", ())]
    parts = [content.get("head_content", ""), *items, content.get("tail_content", "")]
    return "\n".join(str(part) for part in parts if part)


def _news(content: Body) -> str:
    articles = content.get("articles", ())
    if len(articles) != 1:
        raise Refusal(45008)
    return f"{articles[0].get('title', '')} {articles[0].get('url', '')}".strip()


def _file(content: Body) -> str:
    return f"[{content['media_id']}]" if content.get("media_id") else ""


SHOWN = {"text": _text, "msgmenu": _menu, "news": _news, "image": _file, "voice": _file, "mpnews": _file}
