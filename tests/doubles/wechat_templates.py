"""Template messages and subscription notifications: approved templates with short fields."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.doubles.wechat_account import Account
from tests.doubles.wechat_refusal import Refusal

Body = Mapping[str, Any]
ONCE_WITHIN = timedelta(minutes=10)
SUCCESS, BLOCKED = "success", "failed:user block"
LENGTHS = {"thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "phrase": 5, "name": 10,
           "phone_number": 17, "car_number": 8, "const": 20, "date": 32, "time": 32, "amount": 32}  # fmt: skip


def template(account: Account, body: Body) -> dict[str, Any]:
    """message/template/send; its result comes as an event."""
    person = account.person(body["touser"])
    text = _filled(account.templates, body)
    person.check_following()
    _check_once(account, person.openid, str(body.get("client_msg_id", "")))
    number, status = next(account.numbers), BLOCKED if person.refuses_templates else SUCCESS
    if status == SUCCESS:
        account.saw(person.openid, text, "template")
    account.owe(person.openid, "TEMPLATESENDJOBFINISH", MsgID=str(number), Status=status)
    return {"msgid": number}


def notification(account: Account, body: Body) -> dict[str, Any]:
    """message/subscribe/bizsend; reaches whoever granted it, follower or not."""
    person = account.person(body["touser"])
    text = _filled(account.notifications, body)
    person.spend_notice(body["template_id"])
    account.saw(person.openid, text, "notification")
    row = {"TemplateId": body["template_id"], "MsgID": str(next(account.numbers)), "ErrorCode": "0"}
    rows = {"List": row | {"ErrorStatus": SUCCESS}}
    account.owe(person.openid, "subscribe_msg_sent_event", SubscribeMsgSentEvent=rows)
    return {}


def _filled(templates: Mapping[str, tuple[str, ...]], body: Body) -> str:
    """The template as somebody reads it; Refusal where template or data are wrong."""
    fields = templates.get(body.get("template_id", ""))
    if fields is None:
        raise Refusal(40037)
    data = body.get("data", {})
    return "\n".join([str(body["template_id"]), *(f"{name}: {_value(data, name)}" for name in fields)])


def _value(data: Body, name: str) -> str:
    given = data.get(name)
    value = given.get("value") if isinstance(given, Mapping) else None
    if not isinstance(value, str) or not value.strip() or len(value) > _length(name):
        raise Refusal(47003)
    return value


def _length(name: str) -> int:
    """How long a field's value may be; `thing1` is of the kind `thing`."""
    return LENGTHS.get(name.rstrip("0123456789"), 20)


def _check_once(account: Account, openid: str, given: str) -> None:
    """The same id to the same person is sent once within ten minutes."""
    now = account.clock.now()
    last: datetime | None = account.template_ids.get((openid, given))
    if given and last is not None and now < last + ONCE_WITHIN:
        raise Refusal(40241)
    if given:
        account.template_ids[openid, given] = now
