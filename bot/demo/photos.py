"""Photos that the people of the town send of their papers: drawn, and marked as invented."""

import io
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from storage import papers
from storage.records import PaperFile
from storage.unit import Unit

PHOTO = "photo"  # how somebody shows a paper who sends a picture of it
SIZE = (960, 600)
MARKED = "SAMPLE · 样张"
COLOURS = {"paper_identity": "#dbe7ef", "paper_agent_identity": "#e6e3f1", "paper_dwelling": "#efe9dc"}


@dataclass(slots=True)
class Photos:
    """What one person sends in one talk."""

    conversation_id: int
    files: list[PaperFile] = field(default_factory=list)

    def taken(self, step: str) -> dict[str, Any]:
        """The answer to a question about a paper: its photo, and that these are all."""
        size = len(_drawn(step))
        file = PaperFile(secrets.token_hex(16), self.conversation_id, step, "stored", "", "image/jpeg", size, 1)
        self.files.append(file)
        return {"files": [file.id], "plan": "sent"}

    def keep(self, unit: Unit, now: datetime) -> None:
        """Store them."""
        for file in self.files:
            papers.store(unit, file, _drawn(file.step), now)


@cache
def _drawn(step: str) -> bytes:
    from PIL import Image, ImageDraw

    from bot.certificate.fonts import SANS, sized

    picture = Image.new("RGB", SIZE, "#7d868c")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((60, 50, SIZE[0] - 60, SIZE[1] - 50), 28, COLOURS[step])
    pen.ellipse((640, 150, 800, 310), "#9aa7b0")
    pen.rounded_rectangle((600, 330, 840, 480), 60, "#9aa7b0")
    for place, width in enumerate((300, 420, 380, 240, 400)):
        pen.rounded_rectangle((120, 150 + place * 68, 120 + width, 178 + place * 68), 12, "#b9c4cb")
    pen.text((120, 78), MARKED, "#5a666e", sized(SANS, 40))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()
