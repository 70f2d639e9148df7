"""The child process that decodes what strangers send: file in by stdin, a JSON line and the cleaned file out.

Pictures (JPEG, PNG, WebP, HEIC) are decoded and written anew as JPEG, so that nothing but pixels is left (EXIF with
its place and time, previews, whatever hides behind the end). A PDF loses its metadata, scripts and attachments.
"""

import io
import json
import resource
import sys
from contextlib import suppress

import pikepdf
from PIL import Image, ImageFile, ImageFilter, ImageOps, ImageStat

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 25
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3000
SHORTEST_SIDE = 200
LEGIBLE_SIDE = 350  # an identity photo as offices take it has 358 by 441
SHARPEST_TILE = (
    12.0  # measured: pages of print out of focus stay below, also with a camera's noise; sharp ones are above 80
)
LOOKED_AT = 1200  # pixels of the longest side at which sharpness is measured
TILES = 8
EDGES = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128)
MOST_PAGES = 40
QUALITY = 88
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
FORMATS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
UNWANTED_IN_ROOT = ("/OpenAction", "/AA", "/AcroForm", "/Metadata", "/Names", "/Collection", "/PieceInfo", "/AF")
UNWANTED_IN_PAGE = ("/AA", "/Annots", "/Metadata", "/PieceInfo", "/AF", "/Thumb")


class Unfit(Exception):
    """The file can't be kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def main() -> None:
    """Read, clean, write."""
    _limit()
    out = sys.stdout.buffer
    try:
        content_type, content, unclear = cleaned(sys.stdin.buffer.read())
    except Unfit as unfit:
        out.write(json.dumps({"refused": unfit.reason}).encode() + b"\n")
        return
    out.write(json.dumps({"content_type": content_type, "unclear": unclear}).encode() + b"\n" + content)


def cleaned(data: bytes) -> tuple[str, bytes, bool]:
    """Content type and content of a cleaned file, and whether it is a picture too small or blurred to be read.

    Raises Unfit.
    """
    kind = kind_of(data)
    if kind == "PDF":
        return "application/pdf", _pdf(data), False
    if kind is None:
        raise Unfit("file_kind")
    return "image/jpeg", *_picture(data, kind)


def kind_of(data: bytes) -> str | None:
    """The format by its first bytes; None for any other."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return "HEIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if b"%PDF-" in data[:1024]:
        return "PDF"
    return next((kind for magic, kind in FORMATS.items() if data.startswith(magic)), None)


def _picture(data: bytes, kind: str) -> tuple[bytes, bool]:
    if kind == "HEIF":
        _let_pillow_read_heif()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            _check_size(image)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            return _as_jpeg(upright), is_unclear(upright)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        bomb = isinstance(error, MemoryError | Image.DecompressionBombError)
        raise Unfit("file_bomb" if bomb else "file_broken") from None


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Unfit("file_bomb")
    if min(image.size) < SHORTEST_SIDE:
        raise Unfit("file_too_small")


def is_unclear(image: Image.Image) -> bool:
    """Whether nothing in a picture is sharp (the variance of the Laplacian in its sharpest tile), or it is tiny.

    The sharpest tile counts, since a portrait before a white wall and a card on a table are smooth around.
    """
    if min(image.size) < LEGIBLE_SIDE:
        return True
    grey = image.convert("L")
    grey.thumbnail((LOOKED_AT, LOOKED_AT))
    edges = grey.filter(EDGES)
    edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))  # the filter leaves the border as it was
    return max(ImageStat.Stat(edges.crop(box)).var[0] for box in _tiles(*edges.size)) < SHARPEST_TILE


def _tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    return [
        (x * width // TILES, y * height // TILES, (x + 1) * width // TILES, (y + 1) * height // TILES)
        for x in range(TILES)
        for y in range(TILES)
    ]


def _as_jpeg(image: Image.Image) -> bytes:
    """On white where it was transparent, at most LONGEST_SIDE pixels long."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = image.convert("RGB")
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat.info.clear()
    output = io.BytesIO()
    flat.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()


def _pdf(data: bytes) -> bytes:
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            if document.is_encrypted:
                raise Unfit("file_encrypted")
            if not 1 <= len(document.pages) <= MOST_PAGES:
                raise Unfit("file_too_large" if len(document.pages) else "file_broken")
            _strip(document)
            output = io.BytesIO()
            document.save(output, deterministic_id=True)
            return output.getvalue()
    except pikepdf.PasswordError:
        raise Unfit("file_encrypted") from None
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, MemoryError):
        raise Unfit("file_broken") from None


def _strip(document: pikepdf.Pdf) -> None:
    """Without who made it and when, without scripts, attachments, forms and links."""
    for name in UNWANTED_IN_ROOT:
        if name in document.Root:
            del document.Root[name]
    for page in document.pages:
        for name in UNWANTED_IN_PAGE:
            if name in page.obj:
                del page.obj[name]
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    document.remove_unreferenced_resources()


def _let_pillow_read_heif() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def _limit() -> None:
    """Bounds on memory and processor time; nothing can be written to a disk."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
