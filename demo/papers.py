"""Documents for the demo: small real PDFs with Chinese text, made by Typst from a packaged font."""

from functools import lru_cache
from pathlib import Path

import justmytype_intl_cjk
import typst
from django.core.files.uploadedfile import SimpleUploadedFile

FONTS = str(Path(justmytype_intl_cjk.__file__).parent / "fonts" / "ofl" / "notosanssc")

# Typst reads `sys.inputs`; text never becomes markup.
SOURCE = """
#set document(title: sys.inputs.title, date: none)
#set page(paper: "a4", margin: 28mm, header: text(9pt, fill: gray)[演示材料 · 内容均为虚构])
#set text(font: "Noto Sans SC", size: 11pt, lang: "zh")
#align(center, text(18pt, weight: "bold", sys.inputs.title))
#v(8mm)
#for line in sys.inputs.body.split("\\n") { par(leading: 1em, line); v(2mm) }
#v(16mm)
#align(right)[#sys.inputs.signed]
"""


@lru_cache(maxsize=512)
def _compiled(title: str, body: str, signed: str) -> bytes:
    return typst.compile(
        SOURCE.encode(),
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"title": title, "body": body, "signed": signed},
    )


def pdf(title: str, lines: list[str], signed: str = "") -> SimpleUploadedFile:
    """An upload named after its title."""
    content = _compiled(title, "\n".join(lines), signed)
    return SimpleUploadedFile(f"{title}.pdf", content, content_type="application/pdf")
