"""The page of a double for people: who there is, what they have seen, and forms to act as one of them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

import httpx
from aiohttp import web

from tests.doubles.troubles import Trouble, Troubles
from tests.doubles.wechat_meter import CHINA
from tests.doubles.witness import Seen, Witness

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem}
section{border:1px solid #bbb;border-radius:8px;padding:0 1rem 1rem;margin:1rem 0}
form{display:inline-block;margin:.15rem}li{white-space:pre-wrap}small{color:#666}"""
AHEAD = (("1 minute", 60), ("1 hour", 3600), ("1 day", 86400), ("30 days", 2592000))
NOT_TAKEN = "The program did not take it: is it running, with the settings that were printed?"
Fields = dict[str, str]
Doing = Callable[[Fields, bytes], Awaitable[object]]


def layout(title: str, parts: Iterable[str]) -> web.Response:
    """The whole page."""
    head = '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
    body = "".join(parts)
    html = f"{head}<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    return web.Response(text=html, content_type="text/html")


def form(action: str, button: str, *inputs: str, **hidden: object) -> str:
    """A form with a button."""
    kept = "".join(f'<input type=hidden name={name} value="{escape(str(value))}">' for name, value in hidden.items())
    what = f'<form method=post action="/{action}" enctype="multipart/form-data">'
    return f"{what}{kept}{''.join(inputs)}<button>{escape(button)}</button></form>"


def field(name: str, label: str, kind: str = "text", value: str = "") -> str:
    """An input that has to be filled in."""
    named = f'name={name} type={kind} aria-label="{escape(label)}"'
    return f'<input required {named} placeholder="{escape(label)}" value="{escape(value)}">'


def seen_list(seen: Iterable[Seen]) -> str:
    """What somebody saw, in order."""
    rows = "".join(f"<li><small>{_time(one.at)} {one.way}</small>\n{escape(one.text)}</li>" for one in seen)
    return f"<ol>{rows}</ol>"


def controls(witness: Witness) -> str:
    """The clock, troubles, and what was refused."""
    clock = "".join(form("forward", f"+ {name}", seconds=seconds) for name, seconds in AHEAD)
    options = "".join(f"<option value={one.name}>{one.value}</option>" for one in Trouble)
    trouble = form("trouble", "on the next call", f"<select name=trouble aria-label=trouble>{options}</select>")
    refused = "".join(
        f"<li>{_time(one.at)} {one.code} {escape(one.path)} {escape(one.person)}" for one in witness.refused
    )
    overstepped = "".join(f"<li>{_time(one.at)} {one.kind} {escape(one.person)}" for one in witness.violations)
    return (
        f"<section><h2>The platform</h2><p>It is {_time(witness.clock.now())}. {clock}<p>{trouble}"
        f"<h3>Limits overstepped</h3><ul>{overstepped}</ul><h3>Calls refused</h3><ul>{refused}</ul></section>"
    )


def control_routes(witness: Witness, troubles: Troubles) -> list[web.RouteDef]:
    """What the controls do."""

    async def forward(fields: Fields, _: bytes) -> None:
        witness.clock.forward(timedelta(seconds=int(fields["seconds"])))

    async def trouble(fields: Fields, _: bytes) -> None:
        troubles.next(Trouble[fields["trouble"]])

    return [action("forward", forward), action("trouble", trouble)]


def action(name: str, doing: Doing) -> web.RouteDef:
    """A form's address: does it, and shows the page again."""

    async def act(request: web.Request) -> web.Response:
        fields, content = await _read(request)
        if not await _is_taken(doing, fields, content):
            return layout("Not taken", [f'<p>{NOT_TAKEN}<p><a href="/">Back</a>'])
        raise web.HTTPSeeOther("/")

    return web.post(f"/{name}", act)


async def _is_taken(doing: Doing, fields: Fields, content: bytes) -> bool:
    try:
        return await doing(fields, content) is not False
    except (httpx.HTTPError, AssertionError):  # a telephone asserts that it is answered as the platform wants it
        return False


async def _read(request: web.Request) -> tuple[Fields, bytes]:
    """The fields, and the content of a file."""
    posted = await request.post()
    files: Sequence[bytes] = [one.file.read() for one in posted.values() if isinstance(one, web.FileField)]
    return {name: one for name, one in posted.items() if isinstance(one, str)}, b"".join(files)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
