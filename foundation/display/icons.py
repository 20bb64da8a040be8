"""Line icons on a 16 × 16 grid, drawn inline so that they print, need no request and pass a strict CSP."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe

PATHS = {
    "check": "M3 8.5 6.5 12 13 4.5",
    "cross": "M4 4l8 8M12 4l-8 8",
    "question": "M5.6 5.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.8-1.2 1.8M8 12.6v.1",
    "dot": "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
    "circle": "M8 2.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 8 2.8Z",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6",
    "pause": "M5.5 4v8M10.5 4v8",
    "warning": "M8 2.2 14.4 13.4H1.6ZM8 6.4v3.2M8 11.6v.1",
    "info": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 7.4v3.6M8 5v.1",
    "inbox": "M2 9.5 4 3h8l2 6.5V13H2ZM2 9.5h3.5L6.5 11h3l1-1.5H14",
    "menu": "M2 4h12M2 8h12M2 12h12",
    "person": "M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM2.5 14c.5-3 2.6-4.4 5.5-4.4s5 1.4 5.5 4.4",
    "document": "M4 1.8h5.2L12.5 5v9.2H4ZM9 1.8V5.2h3.4M6 8.2h4.4M6 10.8h4.4",
    "upload": "M8 10.5v-8M4.8 5.4 8 2.3l3.2 3.1M2.5 10.5v3h11v-3",
    "download": "M8 2.3v8M4.8 7.2 8 10.3l3.2-3.1M2.5 10.8v2.7h11v-2.7",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.4 3.4",
    "chevron": "M4 6l4 4 4-4",
    "left": "M10 3.5 5.5 8l4.5 4.5",
    "right": "M6 3.5 10.5 8 6 12.5",
    "plus": "M8 3v10M3 8h10",
    "lock": "M3.5 7h9v6.8h-9ZM5.4 7V5a2.6 2.6 0 0 1 5.2 0v2",
    "pen": "M3 13l.6-3L10.7 3 13 5.3 6 12.4Z",
    "calendar": "M2.5 3.8h11v9.7h-11ZM2.5 6.8h11M5.4 2.2v2.6M10.6 2.2v2.6",
    "bell": "M4 11.2V7a4 4 0 0 1 8 0v4.2l1 1H3ZM6.8 14h2.4",
    "send": "M14 2 7 9M14 2 9.8 14 7 9 2 6.4Z",
    "filter": "M2 3h12L9.5 8.6V13l-3 1.2V8.6Z",
    "print": "M4.5 5.5V2.3h7v3.2M4.5 11.5h-2v-6h11v6h-2M4.5 9.5h7v4.2h-7Z",
    "keyboard": "M1.8 4h12.4v8H1.8ZM4 6.6h.1M6.6 6.6h.1M9.2 6.6h.1M11.8 6.6h.1M5 9.4h6",
    "stamp": "M6.2 2.5h3.6v3L9 8h3.5v2.6h-9V8H7L6.2 5.5ZM3 13.5h10",
    "return": "M6 3 2.5 6.5 6 10M2.5 6.5h7a4 4 0 0 1 0 7H7",
    "coins": "M8 2.2c3.3 0 5.2 1 5.2 2.2S11.3 6.6 8 6.6 2.8 5.6 2.8 4.4 4.7 2.2 8 2.2ZM2.8 4.4v7.2c0 1.2 2 2.2 5.2 2.2s5.2-1 5.2-2.2V4.4M2.8 8c0 1.2 2 2.2 5.2 2.2s5.2-1 5.2-2.2",
}
FILLED = {"dot"}


def svg(name: str, css: str = ""):
    """The icon as markup, hidden from screen readers: the word beside it says the same."""
    fill = mark_safe(' fill="currentColor"') if name in FILLED else mark_safe(' fill="none"')
    return format_html(
        '<svg class="icon{}{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"{}>'
        '<path d="{}" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"'
        ' stroke-linejoin="round"/></svg>',
        " " if css else "",
        css,
        fill,
        PATHS[name],
    )
