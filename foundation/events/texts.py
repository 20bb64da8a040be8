"""Edited words of messages: named facts in braces, {number} or {due_on}, and nothing else.

What may be named is what the shipped template of the verb names; each fact is shown as it shows it there. The
words are data of the commission: they are filled in by plain substitution, never by the template language.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.template import engines
from django.template.library import import_library
from django.template.loader import get_template
from django.utils.translation import gettext as _

from foundation.events import kinds
from foundation.events.models import Event, MessageText

LONGEST_SUBJECT, LONGEST_BODY = 120, 3000

_NAMED = re.compile(r"\bfacts\.([a-z_]+)(?:\|([a-z_0-9]+)(?::facts\.([a-z_]+))?)?")
_CONDITION = re.compile(r"{%\s*(?:if|elif)\s[^%]*%}")
_BOUND = re.compile(r"\b([a-z_]+)=(facts\.[a-z_|:.]+)")
_LOOP = re.compile(r"\n?{%\s*for\s+\w+\s+in\s+facts\.([a-z_]+)\s*%}.*?{%\s*endfor\s*%}", re.DOTALL)
_SHOWN = re.compile(r"{{\s*([a-z_.|:]+)\s*}}")
_SAID = re.compile(r"{%\s*translate\s+\"([^\"]*)\"\s*%}")
_TAG = re.compile(r"{%[^%]*%}")
_PLACEHOLDER = re.compile(r"{([a-z_]+)}")
# An address in a message is how people are deceived: the link to the page is added by the system.
_LINK = re.compile(
    r"(https?:|ftp:|www\.|//|[a-z0-9-]+\.(?:com|cn|net|org|gov|top|xyz|vip|cc|io|link)\b)", re.IGNORECASE
)
# What a filter makes of a fact that is shown in two ways.
_SECOND = {"capital": "_capital", "length": "_count"}
_FORMATS = frozenset({"cnday", "cnend", "cnmoment", "yuan", "yuan2", "capital"})


class FactMissing(LookupError):
    """The words name a fact that this event doesn't carry."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A fact that words may name.

    filter: shows it as the shipped words do. instead: the fact that stands in where there is none. optional: not
    every event has it; a line that names it is then left out. must: no words may leave it out.
    """

    name: str
    fact: str
    filter: str = ""
    instead: str = ""
    optional: bool = False
    must: bool = False

    @property
    def label(self) -> str:
        return kinds.labels().get(self.name, self.name)

    def value(self, facts: Mapping) -> str:
        """The fact as text; empty where the event hasn't got it."""
        found = facts.get(self.fact) or (facts.get(self.instead) if self.instead else None)
        if found is None or found in ("", []):
            return ""
        if self.filter == "length":
            return str(len(found))
        if isinstance(found, list):
            return "\n".join(f"{number}. {_entry(entry)}" for number, entry in enumerate(found, 1))
        return str(_filters()[self.filter](found)) if self.filter else str(found)


class Shipped:
    """The shipped words of a verb, as source, and the facts that they name."""

    def __init__(self, verb: str):
        self.verb = verb

    def _source(self, part: str) -> str:
        return get_template(f"messages/{self.verb}/{part}.txt").template.source

    @cached_property
    def placeholders(self) -> dict[str, Placeholder]:
        """What edited words may name, by name, in the order in which the shipped words name it."""
        spec = kinds.specs().get(self.verb)
        must = spec.must if spec else ()
        source = f"{self._source('subject')}\n{self._source('body')}"
        asked = {fact for part in _CONDITION.findall(source) for fact, *_more in _NAMED.findall(part)}
        found: dict[str, Placeholder] = {}
        for fact, shown, instead in _NAMED.findall(_CONDITION.sub("", source)):
            name = fact + _SECOND.get(shown, "")
            kept = shown if shown in _FORMATS or shown == "length" else ""
            if name not in found:
                found[name] = Placeholder(name, fact, kept, instead, fact in asked, name in must)
        return found

    def draft(self) -> tuple[str, str]:
        """Subject and body as words with placeholders, to begin an edit with."""
        return tuple(self._as_words(self._source(part)) for part in ("subject", "body"))

    def _as_words(self, source: str) -> str:
        bound = dict(_BOUND.findall(source))
        source = _LOOP.sub(lambda match: f"\n{{{match[1]}}}", source)

        def named(match: re.Match) -> str:
            fact = _NAMED.match(bound.get(match[1], match[1]))
            return f"{{{fact[1]}{_SECOND.get(fact[2] or '', '')}}}" if fact else ""

        words = _TAG.sub("", _SHOWN.sub(named, _SAID.sub(r"\1", source)))
        return "\n".join(line.strip() for line in words.strip().splitlines() if line.strip())


def editable() -> list[str]:
    """The verbs whose words may be edited."""
    return [verb for verb, spec in kinds.specs().items() if not spec.fixed]


def in_force() -> dict[str, MessageText]:
    """The edited words in force now, by verb; one query."""
    found = MessageText.objects.select_related("entered_by").order_by("verb", "-version").distinct("verb")
    return {text.verb: text for text in found if text.subject}


def of_events(events: Collection[Event]) -> dict[int, MessageText]:
    """The edited words that were in force when each of these happened, by event; one query.

    What was told stays what it was: words that are edited later don't change it.
    """
    versions: dict[str, list[MessageText]] = {}
    for text in MessageText.objects.filter(verb__in={event.verb for event in events}).order_by(
        "verb", "version"
    ):
        versions.setdefault(text.verb, []).append(text)
    found = {}
    for event in events:
        before = [text for text in versions.get(event.verb, ()) if text.entered_at <= event.at]
        if before and before[-1].subject:
            found[event.pk] = before[-1]
    return found


def fill(verb: str, words: str, facts: Mapping) -> str:
    """The words with an event's facts; lines that name an optional fact which it lacks are left out.

    Raises FactMissing where it lacks another one that they name, or nothing is left.
    """
    known = Shipped(verb).placeholders
    lines = [_filled(line, known, facts) for line in words.splitlines()]
    filled = "\n".join(line for line in lines if line is not None)
    if not filled.strip():
        raise FactMissing(verb)
    return filled


def _filled(line: str, known: Mapping[str, Placeholder], facts: Mapping) -> str | None:
    values = {}
    for name in _PLACEHOLDER.findall(line):
        if name not in known:
            raise FactMissing(name)
        values[name] = known[name].value(facts)
        if not values[name]:
            if known[name].optional:
                return None
            raise FactMissing(name)
    return _PLACEHOLDER.sub(lambda match: values[match[1]], line)


def check(verb: str, subject: str, body: str) -> dict[str, list[str]]:
    """What is wrong with these words, by field, in Chinese; empty where they are good."""
    errors: dict[str, list[str]] = {"subject": [], "body": []}
    limits = {"subject": LONGEST_SUBJECT, "body": LONGEST_BODY}
    for name, words in (("subject", subject), ("body", body)):
        if not words.strip():
            errors[name].append(_("请填写内容。"))
        if len(words) > limits[name]:
            errors[name].append(
                _("最多 %(limit)d 个字，现在有 %(length)d 个。")
                % {"limit": limits[name], "length": len(words)}
            )
        errors[name] += _wrong(verb, words)
    if "\n" in subject.strip():
        errors["subject"].append(_("标题只能有一行。"))
    known = Shipped(verb).placeholders
    for name in _PLACEHOLDER.findall(subject):
        if name in known and known[name].optional:
            errors["subject"].append(_("标题里不能用 {%(name)s}：不是每条消息都有这一项。") % {"name": name})
    told = _always_told(known, subject, body)
    for placeholder in known.values():
        if placeholder.must and placeholder.name not in told:
            errors["body"].append(
                _("必须写明 {%(name)s}（%(label)s），且不与可能没有的内容写在同一行：收到消息的人需要知道。")
                % {"name": placeholder.name, "label": placeholder.label}
            )
    return {name: found for name, found in errors.items() if found}


def _always_told(known: Mapping[str, Placeholder], subject: str, body: str) -> set[str]:
    """The facts that stand in lines which are never left out."""
    told = set()
    for line in (*subject.splitlines(), *body.splitlines()):
        names = _PLACEHOLDER.findall(line)
        if not any(known[name].optional for name in names if name in known):
            told.update(names)
    return told


def _wrong(verb: str, words: str) -> list[str]:
    found = []
    known = Shipped(verb).placeholders
    for name in dict.fromkeys(_PLACEHOLDER.findall(words)):
        if name not in known:
            found.append(_("没有名为 {%(name)s} 的内容，请从下方列出的占位中选用。") % {"name": name})
    if re.search(r"[{}]", _PLACEHOLDER.sub("", words)):
        found.append(_("花括号只能用来写占位，例如 {number}。"))
    if _LINK.search(words):
        found.append(_("不要写网址：系统会在邮件末尾附上查看的链接。"))
    if any(not char.isprintable() and char not in "\r\n\t" for char in words):
        found.append(_("含有不能显示的字符，请删除后重新输入。"))
    return found


def last_event(verb: str) -> Event | None:
    """The last event of a verb that was told to somebody, to preview words with."""
    told = Event.objects.filter(verb=verb, notifications__isnull=False)
    return told.select_related("chain").order_by("-id").first()


def _entry(entry) -> str:
    if isinstance(entry, Mapping):
        return f"{entry.get('label', '')}：{entry.get('text', '')}"
    return str(entry)


def _filters() -> Mapping:
    """The filters that the shipped templates load, found as they find them."""
    return import_library(engines["django"].engine.libraries["display"]).filters
