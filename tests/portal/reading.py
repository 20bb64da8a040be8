"""Reading the portal's pages in tests."""

import re
from html import unescape


def text_of(response) -> str:
    """What a person reads on the page: without scripts, styles and tags, blanks as one."""
    body = response.content.decode()
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", body, flags=re.S)
    body = re.sub(r"</?(strong|b|span|a|em|time)\b[^>]*>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def heading_of(response) -> str:
    """The page's first line."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found.group(1))).split()) if found else ""


def value_of(response, name: str) -> str:
    """The value of the first input of that name."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode())
    return re.search(r'value="([^"]*)"', found.group(0)).group(1)


def error_beside(response, name: str) -> str:
    """The error that stands beside a field or slot; "" for none."""
    found = re.search(rf'id="{name}-error"[^>]*>(.*?)</div></div>', response.content.decode(), flags=re.S)
    return (
        " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found.group(1), flags=re.S)).split())
        if found
        else ""
    )
