"""The editor's forms: one for a section, a field, a document. Each reads its piece and gives it back."""

import json

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from measures.facts import INPUTS
from measures.form_changes import TYPES
from measures.forms import editing
from measures.forms.currency import CURRENCIES
from measures.forms.definition import ATTRIBUTES, DEFAULT_MEGABYTES, DOCUMENT_TYPES

# What a condition may hang on, with the answers that need no options.
_ANSWERS = {"yes_no": [(True, _("是")), (False, _("否"))], "declaration": [(True, _("已勾选"))]}


def _line(label, help_text="", required=False, longest=100, **more):
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=longest,
        widget=UnfoldAdminTextInputWidget(),
        **more,
    )


def _lines(label, help_text):
    return forms.CharField(
        label=label, help_text=help_text, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )


class PieceForm(forms.Form):
    """Base: `kind` and `name` say which piece of `definition` (name "" = a new one, fields of it in `section`)."""

    kind = ""

    def __init__(self, data=None, *, definition: dict, name: str = "", section: int = 0):
        self.definition, self.name, self.section = definition, name, section
        raw = editing.piece(definition, self.kind, name) if name else {}
        super().__init__(data, initial=self.shown(raw))
        for field in self.fields.values():
            field.for_types = ""

    def shown(self, raw: dict) -> dict:
        """The piece as initial values."""
        return raw

    def raw(self) -> dict:
        """The cleaned values as a piece."""
        raise NotImplementedError

    def change(self, definition: dict) -> dict:
        """The definition with this piece in it."""
        if self.name:
            return editing.replaced(definition, self.kind, self.name, self.raw())
        return editing.added(definition, self.kind, self.raw(), self.section)

    def clean(self):
        """Whatever this piece would newly break is said here."""
        cleaned = super().clean()
        if not self.errors:
            known = set(editing.problems(self.definition))
            for problem in editing.problems(self.change(self.definition)):
                if problem not in known:
                    self.add_error(None, problem)
        return cleaned


class SectionForm(PieceForm):
    kind = "section"
    title = _line(_("标题"), required=True, longest=60)
    help = _line(_("说明"), longest=500)

    def raw(self):
        return _kept({"title": self.cleaned_data["title"], "help": self.cleaned_data["help"]})

    def clean(self):
        # A new section has no fields yet: the outline says so until it has.
        return forms.Form.clean(self)


class _Keyed(PieceForm):
    """What fields and documents share: a key that stays, and the condition."""

    stem = ""
    key = _line(
        _("内部代码"),
        _("小写英文、数字和下划线；空白则自动编号。发布后不能改，否则旧申请的答案对不上。"),
        longest=40,
    )
    when = forms.MultipleChoiceField(
        label=_("何时才问"),
        help_text=_("都不勾选：总是问。只能依据排在前面的一个单选、是否或声明。"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["when"].choices = self._conditions()
        if self.name:
            self.fields["key"].disabled = True

    def shown(self, raw):
        when = raw.get("when")
        if when:
            answers = when["is"] if isinstance(when["is"], list) else [when["is"]]
            raw = {**raw, "when": [_condition(when["field"], answer) for answer in answers]}
        return raw

    def clean_when(self):
        chosen = [json.loads(one) for one in self.cleaned_data["when"]]
        if len({field for field, _answer in chosen}) > 1:
            raise forms.ValidationError(_("只能勾选同一个问题的答案。"))
        return chosen

    def clean_key(self):
        key = self.cleaned_data["key"].strip()
        if self.name:
            return self.name
        key = key or editing.free_key(self.definition, self.stem)
        if key in editing.keys(self.definition):
            raise forms.ValidationError(_("这个代码已有另一项在用。"))
        return key

    def when_raw(self):
        chosen = self.cleaned_data["when"]
        if not chosen:
            return None
        answers = [answer for _field, answer in chosen]
        return {"field": chosen[0][0], "is": answers if len(answers) > 1 else answers[0]}

    def _conditions(self) -> list[tuple[str, str]]:
        found = []
        sections = self.definition["sections"]
        if self.kind == "field" and not self.name:
            sections = sections[: self.section + 1]
        for section in sections:
            for field in section["fields"]:
                if field["key"] == self.name:
                    return found
                options = [(one["value"], one["label"]) for one in _pairs(field.get("options", []), "value")]
                for value, label in options or _ANSWERS.get(field["type"], []):
                    found.append((_condition(field["key"], value), f"{field['label']}：{label}"))
        return found


class FieldForm(_Keyed):
    kind, stem = "field", "field"
    label = _line(_("问什么"), required=True, longest=300)
    type = forms.ChoiceField(label=_("怎么答"), choices=list(TYPES.items()), widget=UnfoldAdminSelectWidget())
    required = forms.BooleanField(
        label=_("必填"), required=False, widget=UnfoldBooleanWidget(), help_text=_("声明总是必填。")
    )
    help = _line(_("提示"), _("写在问题下面，告诉申请人怎么填。"), longest=500)
    options = _lines(
        _("选项（单选）"), _("每行一项。要区分内部代码的写成“代码 = 显示文字”；已发布过的代码不要改。")
    )
    rows = _lines(_("各行（金额表）"), _("每行一项，写成“代码 = 显示文字”。"))
    sum_to = forms.ChoiceField(
        label=_("合计等于（金额表）"), required=False, widget=UnfoldAdminSelectWidget()
    )
    not_before = forms.ChoiceField(
        label=_("不早于（日期、月份）"), required=False, widget=UnfoldAdminSelectWidget()
    )
    unit = _line(_("单位（文字、数）"), _("如：人、平方米。金额总是元。"), longest=20)
    max_length = forms.IntegerField(
        label=_("最多几个字（文字）"), required=False, widget=UnfoldAdminTextInputWidget()
    )
    min = _line(_("不小于（金额、数、日期、月份）"), _("如 100.00、2026-01-01、2026-01。"), longest=30)
    max = _line(_("不大于（金额、数、日期、月份）"), longest=30)
    decimals = forms.IntegerField(
        label=_("几位小数（数）"), required=False, widget=UnfoldAdminTextInputWidget()
    )
    currencies = forms.MultipleChoiceField(
        label=_("可填的外币（金额）"),
        help_text=_("都不勾选：只能填人民币。外币按登记的汇率折算，以后都按折算后的人民币计算。"),
        required=False,
        choices=[(code, f"{name}（{code}）") for code, (name, _places) in CURRENCIES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    rate_day = _line(
        _("汇率日期叫什么（可填外币的金额）"), _("按哪一天的汇率折算，如：合同签订日、付款日。"), longest=30
    )
    fact = forms.ChoiceField(
        label=_("用于规则"),
        help_text=_("这个答案作为规则里的哪个事实。"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = [
        "label",
        "type",
        "required",
        "help",
        "options",
        "rows",
        "sum_to",
        "not_before",
        "unit",
        "max_length",
        "min",
        "max",
        "decimals",
        "currencies",
        "rate_day",
        "when",
        "fact",
        "key",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Read by static/js/admin_form_piece.js: for which kinds of answer a row counts.
        for name, field in self.fields.items():
            kinds = [kind for kind, attributes in ATTRIBUTES.items() if name in attributes]
            field.for_types = " ".join(kinds) if len(kinds) < len(ATTRIBUTES) else ""
        self.fields["sum_to"].choices = [("", _("不限")), *self._of("money")]
        self.fields["not_before"].choices = [("", _("不限")), *self._of("date", "month")]
        given = {name: str(fact.label) for name, fact in INPUTS.items()}
        current = self.initial.get("fact", "")
        if current:
            given.setdefault(current, current)
        self.fields["fact"].choices = [("", _("不用于规则")), *given.items()]

    def _of(self, *types: str) -> list[tuple[str, str]]:
        """The other fields of these types, by key and question."""
        return [
            (field["key"], field["label"])
            for section in self.definition["sections"]
            for field in section["fields"]
            if field["type"] in types and field["key"] != self.name
        ]

    def shown(self, raw):
        raw = super().shown(raw)
        for name, code in (("options", "value"), ("rows", "key")):
            if name in raw:
                raw = {**raw, name: _as_lines(_pairs(raw[name], code), code)}
        return raw

    def raw(self):
        given = self.cleaned_data
        kind = given["type"]
        found = {
            "key": given["key"],
            "label": given["label"],
            "type": kind,
            "help": given["help"],
            "required": None if kind == "declaration" else given["required"],
            "options": _from_lines(given["options"], "value"),
            "rows": _from_lines(given["rows"], "key"),
            "when": self.when_raw(),
            **{
                name: given[name]
                for name in ("sum_to", "not_before", "unit", "max_length", "min", "max", "decimals", "fact")
                + ("currencies", "rate_day")
            },
        }
        return _kept({name: value for name, value in found.items() if name in ATTRIBUTES[kind]})


class SlotForm(_Keyed):
    kind, stem = "document", "document"
    label = _line(_("什么材料"), required=True)
    required = forms.BooleanField(label=_("必交"), required=False, widget=UnfoldBooleanWidget())
    help = _line(_("提示"), _("这份材料要写明什么、盖什么章。"), longest=500)
    types = forms.MultipleChoiceField(
        label=_("接受的格式"),
        choices=[(name, name.upper()) for name in DOCUMENT_TYPES],
        initial=list(DOCUMENT_TYPES),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    max_mb = forms.IntegerField(
        label=_("最大（MB）"), initial=DEFAULT_MEGABYTES, widget=UnfoldAdminTextInputWidget()
    )
    field_order = ["label", "required", "help", "types", "max_mb", "when", "key"]

    def shown(self, raw):
        raw = super().shown(raw)
        if "types" in raw:
            names = {mime: name for name, mime in DOCUMENT_TYPES.items()} | {"jpg": "jpeg"}
            raw = {**raw, "types": [names.get(one, one) for one in raw["types"]]}
        return raw

    def raw(self):
        given = self.cleaned_data
        return _kept(
            {
                **{name: given[name] for name in ("key", "label", "required", "help", "types", "max_mb")},
                "when": self.when_raw(),
            }
        )


FORMS = {form.kind: form for form in (SectionForm, FieldForm, SlotForm)}


def _condition(field: str, answer) -> str:
    return json.dumps([field, answer], ensure_ascii=False)


def _pairs(entries: list, code: str) -> list[dict]:
    return [{code: one, "label": one} if isinstance(one, str) else one for one in entries]


def _as_lines(entries: list[dict], code: str) -> str:
    return "\n".join(
        one["label"]
        if one[code] == one["label"] and " = " not in one["label"]
        else f"{one[code]} = {one['label']}"
        for one in entries
    )


def _from_lines(text: str, code: str) -> list[dict]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        value, equals, label = line.partition(" = ")
        found.append({code: value.strip(), "label": label.strip() if equals else value.strip()})
    return found


def _kept(piece: dict) -> dict:
    """Without what says nothing; `required` stays as it is."""
    return {
        name: value
        for name, value in piece.items()
        if value not in (None, "", [], False) or (name == "required" and value is not None)
    }
