"""The fonts of pictures and PDFs: Noto Sans SC and Noto Serif SC (SIL Open Font License), which come as a package.

So a bare machine renders the same as any other; nothing of the system's fonts is used.
"""

from functools import cache

from PIL import ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

SANS = str(sans_path())
SERIF = str(serif_path())


@cache
def sized(path: str, size: int) -> ImageFont.FreeTypeFont:
    """A font for pictures, in pixels."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
