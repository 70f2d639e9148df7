"""What the public pages share: their template, their language, and headers that let them do nothing."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.channels.web.page import accepted_languages
from bot.render import Words

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",
    "Vary": "Accept-Language",
}
TOO_MANY = 429
TOO_LARGE = 413
RETRY = {"Retry-After": "60"}


def template(name: str) -> Template:
    """A template of templates/pages; its values are escaped."""
    source = (files("templates") / "pages" / f"{name}.html.j2").read_text("utf-8")
    environment = Environment(
        loader=FunctionLoader({name: source}.get), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)


def language(request: Request, words: Words) -> str:
    """`?lang=`, else the browser's first language that is spoken here, else the office's."""
    wishes = [
        request.query_params.get("lang", ""),
        *accepted_languages(request.headers.get("accept-language", "")),
    ]
    known = list(words.languages)
    return next((wish for wish in wishes if wish in known), known[0])


def client(request: Request) -> str:
    """Who asks, for counting; behind a proxy uvicorn takes the address from its header."""
    return request.client.host if request.client else ""


def html(
    page: Template, status: int, chosen: str, data: Mapping[str, Any], more: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A page in a language."""
    headers = {**GUARDS, "Content-Language": chosen, **(more or {})}
    return HTMLResponse(page.render(language=chosen, **data), status, headers)
