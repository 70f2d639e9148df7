"""The page and what belongs to it: HTML, style, script, strings."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.web.talk import PageWords

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file: a few kilobytes, kept in memory."""

    content: bytes
    media_type: str
    etag: str


class Assets:
    """The static files, asked for again by their digest, so that a new version is seen at once."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._assets = {entry.name: _asset(entry) for entry in (folder or files("templates") / "static").iterdir()}

    async def answer(self, request: Request) -> Response:
        """One file, or 304 where the browser has it."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404)
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


class Page:
    """The chat page in each language."""

    def __init__(self, words: PageWords) -> None:
        self._words = words
        source = (files("templates") / "chat" / "page.html.j2").read_text("utf-8")
        environment = Environment(
            loader=FunctionLoader({"page": source}.get), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("page")

    def answer(self, language: str) -> HTMLResponse:
        """The page, with headers that let it load nothing from elsewhere and be framed by nobody."""
        html = self._template.render(language=language, words=self.strings(language), languages=self._own_names())
        return HTMLResponse(html, headers={**GUARDS, "Cache-Control": "no-store", "Content-Language": language})

    def strings(self, language: str) -> Mapping[str, str]:
        """The page's strings in a language."""
        return dict(self._words.page(language))

    def language(self, remembered: str, accepted: str) -> str:
        """The page's language: as remembered, else the browser's first that is known, else the office's."""
        known = list(self._words.languages)
        wishes = [remembered, *accepted_languages(accepted)]
        return next((wish for wish in wishes if wish in known), known[0])

    def _own_names(self) -> dict[str, str]:
        return {code: self._words.label(code, "commands", f"language:{code}") for code in self._words.languages}


def accepted_languages(header: str) -> list[str]:
    """The languages of an Accept-Language header without their regions, the preferred first (RFC 9110, 12.5.4)."""
    entries = [entry.partition(";q=") for entry in header.replace(" ", "").split(",") if entry]
    ranked = sorted(entries, key=lambda entry: -_weight(entry[2]))
    return [tag.partition("-")[0].lower() for tag, _, _ in ranked]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _asset(entry: Traversable) -> Asset:
    content = entry.read_bytes()
    kind = TYPES["." + entry.name.rpartition(".")[2]]
    return Asset(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
