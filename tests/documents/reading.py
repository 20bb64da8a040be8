"""Reading a PDF back, with a program that did not write it."""

import io
import re

from pypdf import PdfReader


def reader(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """All of its text without spaces and line ends, which a page breaks where it likes."""
    return re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in reader(content).pages))
