"""The body of a request from outside, read no further than it may be long."""

from starlette.requests import ClientDisconnect, Request


class BodyRefused(Exception):
    """The body was not read; `reason` counts it in the metrics, `status` answers it."""

    reason = ""
    status = 400


class TooBig(BodyRefused):
    """The request is larger than it may be."""

    reason = "too_big"
    status = 413


class CutOff(BodyRefused):
    """The request ended before it was whole."""

    reason = "cut_off"


async def read_body(request: Request, limit: int) -> bytes:
    """The body; TooBig as soon as it is longer than `limit` bytes, CutOff where the connection ended."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooBig
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise TooBig
    except ClientDisconnect:
        raise CutOff from None
    return bytes(body)
