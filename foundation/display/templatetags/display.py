"""Tags and filters of the product's pages. `{% load display %}`

A missing value (None or "") gives "", so a template need not guard each figure; a wrong type raises.
"""

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.forms.boundfield import BoundWidget
from django.utils.html import format_html
from django.utils.translation import gettext as _

from foundation.display import dates, icons, money, tiles, widgets

register = template.Library()


def _given(value) -> bool:
    return value is not None and value != ""


@register.filter
def yuan(value):
    """3,200,000 when whole, 3,200,000.50 otherwise."""
    return money.plain(value) if _given(value) else ""


@register.filter
def yuan2(value):
    """Always two places: 3,200,000.00."""
    return money.to_the_fen(value) if _given(value) else ""


@register.filter
def capital(value):
    """叁佰贰拾万元整."""
    return money.in_capitals(value) if _given(value) else ""


@register.filter
def wan(value):
    """500 万元, 1.24 亿元."""
    return " ".join(money.in_units(value)) if _given(value) else ""


@register.filter
def who_and_role(label):
    """An account's label in its two parts: 示例检测 · 企业经办人 → ("示例检测", "企业经办人"); without a role it is ""."""
    name, found, role = str(label).rpartition(" · ")
    return (name, role) if found else (role, "")


@register.filter
def cnday(value):
    """4 月 22 日, with the year when it is not this year. Takes a date, a datetime, or ISO text."""
    return dates.day(value) if _given(value) else ""


@register.filter
def cnmoment(value):
    """4 月 22 日 16:00."""
    return dates.moment(value) if _given(value) else ""


@register.filter
def cnend(value):
    """When something closes: 4 月 22 日 16:00; midnight as 4 月 21 日 24:00."""
    return dates.end(value) if _given(value) else ""


@register.filter
def clocktime(value):
    """16:00, in Shanghai."""
    return f"{dates.as_moment(value):%H:%M}" if _given(value) else ""


@register.filter
def masked(value):
    """All but the last four characters hidden, by seven dots at most; of four or fewer, all.

    An e-mail keeps its domain.
    """
    if not _given(value):
        return ""
    text = str(value).strip()
    if "@" in text:
        name, _at, domain = text.partition("@")
        return f"{name[:1]}•••@{domain}"
    return "••••" if len(text) <= 4 else "•" * min(len(text) - 4, 7) + text[-4:]


@register.filter
def grouped(value):
    """A count with thousands separators: 1,650."""
    if not _given(value):
        return ""
    number = money.exact(value)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number.normalize():,f}"


@register.filter
def absolute(value):
    """The size of a number without its sign."""
    return abs(value)


@register.filter
def filesize(value):
    """1.8 MB, 320 KB, from bytes."""
    if not _given(value):
        return ""
    size = int(value)
    if size < 1024:
        return f"{size} B"
    if size < 1024**2:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024**2:.1f}".removesuffix(".0") + " MB"


@register.filter
def percent(value, places=0):
    """A ratio as a percentage: 0.098 → 10%, |percent:1 → 9.8%."""
    if not _given(value):
        return ""
    shown = (money.exact(value) * 100).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
    return f"{shown:,}%"


@register.filter
def district_tiles(rows):
    """Rows {name, value} of districts with their places on the tile grid."""
    return tiles.laid_out(rows)


@register.filter
def shares(rows):
    """Rows {label, value} with `share`, the whole percentage of the largest value, bars starting at zero."""
    rows = [dict(row) for row in rows]
    largest = max((row["value"] for row in rows), default=0)
    for row in rows:
        row["share"] = round(Decimal(row["value"]) * 100 / Decimal(largest), 2) if largest else 0
        row.setdefault("display", row["value"])
    return rows


@register.filter
def portion(part, whole):
    """part of whole in per cent, 0–100, for the width of a bar."""
    return min(100, max(0, round(Decimal(part) * 100 / Decimal(whole)))) if whole else 0


@register.simple_tag
def icon(name, css=""):
    """An icon of foundation/display/icons.py, drawn inline."""
    return icons.svg(name, css)


@register.filter
def control_kind(field):
    """choices, check, file or line: how the field component lays a BoundField out."""
    return widgets.kind(field.field.widget)


@register.filter
def options(field):
    """The choices of a BoundField one by one, each with id_for_label, choice_label and tag."""
    widget = field.field.widget
    more = {"id": widget.attrs.get("id") or field.auto_id, "class": widgets.css_class(widget)}
    data = widget.subwidgets(field.html_name, field.value(), attrs=field.build_widget_attrs(more))
    return [BoundWidget(widget, one, renderer=field.form.renderer) for one in data]


@register.filter
def has_money(field):
    """Whether the field's widget carries data-money, and so wants a 大写 readback."""
    return "data-money" in field.field.widget.attrs


@register.filter
def unit_of(field):
    """The widget's data-unit, shown behind the control; "" without one."""
    return field.field.widget.attrs.get("data-unit", "")


@register.filter
def readback(field):
    """What a money field holds now, grouped and in 大写; "" for none or for what is no amount yet. A widget that
    knows better (an amount in foreign money) says it itself."""
    if own := getattr(field.field.widget, "readback", None):
        return own()
    value = field.value()
    try:
        return money.read_back(value) if _given(value) else ""
    except (ValueError, TypeError):
        return ""


@register.simple_tag
def control(field, with_remark=False):
    """A BoundField's widget with Bootstrap's class, described by the help, remark, readback and error
    that templates/components/field.html puts around it."""
    widget = field.field.widget
    name = field.html_name
    parts = [
        (field.help_text, "help"),
        (with_remark, "remark"),
        ("data-money" in widget.attrs, "readback"),
        (field.errors, "error"),
    ]
    more = {"class": widgets.css_class(widget)}
    described = " ".join(f"{name}-{part}" for present, part in parts if present)
    if described:
        more["aria-describedby"] = described
    if str(widget.attrs.get("placeholder", "")).startswith(str(field.label)):
        more["placeholder"] = False  # a placeholder that repeats the label says nothing
    return field.as_widget(attrs=widgets.merged(widget, **more))


@register.simple_tag
def control_auto(field):
    """The widget of a filter, small, sent as soon as it changes (filter.js)."""
    widget = field.field.widget
    more = {"class": widgets.css_class(widget), "data-autosubmit": True}
    return field.as_widget(attrs=widgets.merged(widget, **more))


@register.filter
def unprompted(field):
    """The BoundField without its placeholder (allauth's repeat the label, in half a translation)."""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def add_class(field, names):
    """A BoundField's widget with classes added: {{ form.name|add_class:"money" }}."""
    return field.as_widget(attrs=widgets.merged(field.field.widget, **{"class": names}))


@register.filter
def attrs(field, text):
    """A BoundField's widget with attributes added: {{ form.name|attrs:"data-money,placeholder=0.00" }}."""
    more = {}
    for pair in text.split(","):
        name, equals, value = pair.strip().partition("=")
        more[name] = value if equals else True
    return field.as_widget(attrs=more)


@register.simple_tag
def due_words(remaining, paused=False):
    """剩 2 个工作日 · 今日到期 · 已超期 3 个工作日 · 补正中 · 暂停, for the due chip and for sentences."""
    if paused:
        return _("补正中 · 暂停计时")
    if remaining is None:
        return _("无期限")
    if remaining < 0:
        return _("已超期 %(n)s 个工作日") % {"n": -remaining}
    if remaining == 0:
        return _("今日到期")
    return _("剩 %(n)s 个工作日") % {"n": remaining}


@register.filter
def due_tone(remaining):
    """neutral, warn at two working days or fewer, stop at one and when overdue."""
    if remaining is None or remaining == "":
        return "neutral"
    if remaining <= 1:
        return "stop"
    return "warn" if remaining <= 2 else "neutral"


@register.simple_tag
def bar(share, strong=False):
    """A horizontal bar from zero to `share` per cent, as SVG (a strict CSP allows no inline style)."""
    return format_html(
        '<svg class="bar{}" height="14" width="100%" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="14" rx="4"/>'
        '<rect class="part" width="{}%" height="14" rx="4"/></svg>',
        " strong" if strong else "",
        share,
    )


@register.simple_tag
def column(share):
    """A column from zero to `share` per cent of the chart's height, as SVG."""
    return format_html(
        '<svg class="column" viewBox="0 0 40 100" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false"><rect class="part" y="{}" width="40" height="{}"/></svg>',
        100 - Decimal(share),
        share,
    )
