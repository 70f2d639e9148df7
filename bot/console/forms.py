"""A form as a browser sends it: fields, and files where the page has some (RFC 7578)."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from io import BytesIO
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, Headers, UploadFile

FIELDS = 500
FILES = "multipart/form-data"


def read(content_type: str, body: bytes) -> FormData:
    """The fields in order; files as UploadFile, none where nothing was chosen. ValueError for what can't be read."""
    if not content_type.lower().startswith(FILES):
        return FormData([*parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)])
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode("latin-1") + body)
    parts = list(whole.iter_parts())
    if not whole.is_multipart() or len(parts) > FIELDS:
        raise ValueError(FILES)
    return FormData([found for part in parts if (found := _field(part)) is not None])


def _field(part: Message) -> tuple[str, str | UploadFile] | None:
    name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(content, bytes):
        return None
    file = part.get_filename()
    if file is None:
        return name, content.decode()
    headers = Headers({"content-type": part.get_content_type()})
    return (name, UploadFile(BytesIO(content), size=len(content), filename=file, headers=headers)) if content else None
