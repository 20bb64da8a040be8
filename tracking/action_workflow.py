"""The verbs of 行动记录: what a responsible unit did about an item, entered once, corrected by another entry."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from applications.verbs import Refused
from foundation.accounts.models import Office, User
from foundation.clock import clock
from foundation.events import events
from measures.models import Item
from reviews.workflow.opinions import required
from tracking import access, units
from tracking.models import MeasureAction

_FIELDS = {field.name: field for field in MeasureAction._meta.get_fields() if hasattr(field, "max_length")}
_LINK = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Done:
    """What was done. figure: a number in `unit`, or None with an empty unit; url: where it can be read, or ""."""

    done_on: date
    text: str
    source: str
    figure: Decimal | None = None
    unit: str = ""
    url: str = ""


@transaction.atomic
def record_action(item: Item, office: Office, by: User, done: Done) -> MeasureAction:
    """登记行动, which the item's public page shows from then on.

    Refused to who enters neither for that office nor for every unit, and for an office that isn't responsible.
    """
    _require(by, item, office)
    row = MeasureAction.objects.create(
        item=item, office=office, by=by, at=clock.now(), **_checked(item, done)
    )
    events.record("record_action", row, by, **_facts(row))
    return row


@transaction.atomic
def correct_action(row: MeasureAction, by: User, done: Done, reason: str) -> MeasureAction:
    """更正: a new entry in the old one's place; both stay, and the reason is published."""
    row = _standing(row, by)
    return _corrected(row, by, reason, "correct_action", **_checked(row.item, done))


@transaction.atomic
def void_action(row: MeasureAction, by: User, reason: str) -> MeasureAction:
    """撤下 what was entered by mistake: it no longer counts; that it stood there stays readable."""
    row = _standing(row, by)
    same = {name: getattr(row, name) for name in ("done_on", "text", "source", "figure", "unit", "url")}
    return _corrected(row, by, reason, "void_action", void=True, **same)


def _corrected(row: MeasureAction, by: User, reason: str, verb: str, **values) -> MeasureAction:
    reason = _text(reason, "reason", _("请写明更正的理由"))
    new = MeasureAction.objects.create(
        item=row.item, office=row.office, by=by, at=clock.now(), corrects=row, reason=reason, **values
    )
    events.record(verb, new, by, corrects=row.pk, reason=reason, **_facts(new))
    return new


def _standing(row: MeasureAction, by: User) -> MeasureAction:
    """The entry, locked, if this person may correct it and nobody has yet."""
    # Rows of the log are never locked, for nobody may change them: the item stands for them.
    Item.objects.select_for_update(no_key=True).get(pk=row.item_id)
    row = MeasureAction.objects.select_related("item__measure", "item__lead_unit", "office").get(pk=row.pk)
    _require(by, row.item, row.office)
    if row.void or MeasureAction.objects.filter(corrects=row).exists():
        raise Refused("stale", _("这条记录已经更正过，请在最新的一条上更正"))
    return row


def _require(by: User, item: Item, office: Office) -> None:
    if not access.may_enter(by, office):
        raise Refused("forbidden", _("只有责任单位和市科委可以登记行动"))
    if not units.responsible(item).filter(pk=office.pk).exists():
        message = _("该单位不是这个事项的责任单位")
        raise Refused("invalid", message, {"office": [message]})


def _checked(item: Item, done: Done) -> dict:
    """The entry's values, or Refused with everything that is wrong beside its field."""
    wrong: dict[str, list[str]] = {}
    values = asdict(done)
    for name, missing in (("text", _("请写明做了什么")), ("source", _("请写明来源文件"))):
        try:
            values[name] = _text(values[name], name, missing)
        except Refused as refused:
            wrong |= refused.fields
    if done.done_on > clock.today():
        wrong["done_on"] = [_("行动日期不能晚于今天")]
    elif done.done_on < item.measure.in_force_from:
        wrong["done_on"] = [_("行动日期不能早于措施的实施日")]
    values["unit"] = " ".join((done.unit or "").split())
    if (done.figure is None) != (values["unit"] == ""):
        wrong["unit"] = [_("数量和计量单位要同时填写或者都不填")]
    elif len(values["unit"]) > _FIELDS["unit"].max_length:
        wrong["unit"] = [_("不能超过 %d 个字") % _FIELDS["unit"].max_length]
    if done.figure is not None and done.figure < 0:
        wrong["figure"] = [_("数量不能为负")]
    values["url"] = (done.url or "").strip()
    if values["url"]:
        try:
            _LINK(values["url"])
        except ValidationError:
            wrong["url"] = [_("请填写完整的网址，以 https:// 或 http:// 开头")]
        if len(values["url"]) > _FIELDS["url"].max_length:
            wrong["url"] = [_("不能超过 %d 个字") % _FIELDS["url"].max_length]
    if wrong:
        raise Refused("invalid", next(iter(wrong.values()))[0], wrong)
    return values


def _text(text: str, name: str, missing: str) -> str:
    """In one line, as lists show it."""
    return required(" ".join((text or "").split()), name, missing, _FIELDS[name].max_length)


def _facts(row: MeasureAction) -> dict:
    return {
        "item": row.item.code,
        "office": str(row.office),
        "done_on": row.done_on,
        "text": row.text,
        "figure": row.figure,
        "unit": row.unit,
        "source": row.source,
        "url": row.url,
    }
