"""Bringing the shipped catalogue into the database. What is there stays as its administrators left it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Model

from foundation.accounts.models import District, Office
from measures import workflow
from measures.catalogue import shipped
from measures.models import Guidance, Item, Measure

# One loader at a time: two starts at once must not trip over each other's rows.
LOCK = "load_catalogue"


@dataclass(slots=True)
class Loaded:
    """What a load found and did: rows by kind, new ones, and those that differ from the shipped data."""

    counts: dict[str, int] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    brought_back: int = 0


@transaction.atomic
def load(by, *, update: bool = False) -> Loaded:
    """Enter offices, measures and entries that are missing, and publish the new measures.

    Rows that differ are left alone and named, or, with update, brought back to the shipped data, each with
    its event. by: who answers for it, SYSTEM from the command line.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])
    loading = _Loading(by, update)
    loading.districts()
    loading.offices()
    loading.measures()
    loading.items()
    return loading.result


class _Loading:
    def __init__(self, by, update: bool):
        self.by = by
        self.update = update
        self.result = Loaded()

    def districts(self) -> None:
        rows = {one.code: {"name": one.name, "pinyin": one.pinyin} for one in shipped.districts()}
        self._sync(District, "code", rows)

    def offices(self) -> None:
        rows = {
            one.code: {"name": one.name, "short_name": one.short_name, "kind": one.kind}
            for one in shipped.offices()
        }
        for district in shipped.districts():
            one = district.office
            rows[one.code] = {
                "name": one.name,
                "short_name": one.short_name,
                "kind": one.kind,
                "district_id": district.code,
            }
        self._sync(Office, "code", rows)
        self.office_ids = dict(Office.objects.values_list("code", "pk"))

    def measures(self) -> None:
        policy = shipped.policy()
        rows = {
            one.number: {
                "chapter": one.chapter,
                "title": one.title,
                "all_districts": one.all_districts,
                "legal_basis": policy.legal_basis,
                "in_force_from": policy.in_force_from,
                "in_force_to": policy.in_force_to,
            }
            for one in shipped.measures()
        }
        units = {one.number: self._ids(one.units) for one in shipped.measures()}
        for measure in self._sync(Measure, "number", rows, ("responsible_units", units)):
            workflow.publish_measure(measure, self.by)

    def items(self) -> None:
        measures = Measure.objects.in_bulk(field_name="number")
        rows, units = {}, {}
        for measure in shipped.measures():
            # A measure names its units; the lead is ours to assume, the others are the co-units.
            named = {*measure.units} | ({shipped.DISTRICTS} if measure.all_districts else set())
            for one in measure.items:
                co_units = named - {one.lead}
                rows[one.code] = {
                    "measure_id": measures[measure.number].pk,
                    "name": one.name,
                    "kind": one.kind,
                    "acts": one.acts,
                    "summary": one.summary,
                    "treatment": one.treatment,
                    "clause": f"第（{measures[measure.number].numeral}）条",
                    "amount_rule": one.amount_rule,
                    "ceiling_rate": one.ceiling_rate,
                    "ceiling_amount": one.ceiling_amount,
                    "lead_unit_id": self.office_ids.get(one.lead),
                    "lead_unit_assumed": True,
                    "co_districts": shipped.DISTRICTS in co_units,
                }
                units[one.code] = self._ids(co_units - {shipped.DISTRICTS})
        self._sync(Item, "code", rows, ("co_units", units))
        self.guidance()

    def guidance(self) -> None:
        """The lines of each entry's page, as a whole: an entry whose lines were edited is named or brought back.

        An entry that has none yet gets them, whenever it was entered.
        """
        items = Item.objects.prefetch_related("guidance").in_bulk(field_name="code")
        missing, count = [], 0
        for one in shipped.items():
            item = items[one.code]
            wanted = [(line.part, line.basis, line.text, line.source) for line in one.guidance]
            found = [(line.part, line.basis, line.text, line.source) for line in item.guidance.all()]
            count += len(wanted)
            if found == wanted:
                continue
            label = str(Guidance._meta.verbose_name)
            if found and not self.update:
                self.result.differing.append(f"{item}：{label}")
                continue
            if found:
                item.guidance.all().delete()
                workflow.note_configuration(item, self.by, [label])
                self.result.brought_back += 1
            missing += [
                Guidance(item=item, position=position, part=part, basis=basis, text=text, source=source)
                for position, (part, basis, text, source) in enumerate(wanted, start=1)
            ]
        Guidance.objects.bulk_create(missing)
        kind = str(Guidance._meta.verbose_name)
        self.result.counts[kind], self.result.new[kind] = count, len(missing)

    def _ids(self, codes: Iterable[str]) -> set[int]:
        return {self.office_ids[code] for code in codes}

    def _sync(
        self, model: type[Model], key: str, rows: dict, many: tuple[str, dict[object, set[int]]] | None = None
    ) -> list[Model]:
        """Create what is missing, with its units, and name or bring back what differs.

        rows: {key: fields}; many: a many-to-many field and {key: office ids}. Returns the created rows.
        """
        name, units = many or ("", {})
        found = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": list(rows)})}
        created = model.objects.bulk_create(
            model(**{key: value, **row}) for value, row in rows.items() if value not in found
        )
        linked = {}
        if name:
            _write_links(model, name, {row.pk: units[getattr(row, key)] for row in created})
            linked = _read_links(model, name, [row.pk for row in found.values()])
        for value, row in found.items():
            changed = [field for field, wanted in rows[value].items() if getattr(row, field) != wanted]
            if name and linked.get(row.pk, set()) != units[value]:
                changed.append(name)
            if not changed:
                continue
            labels = [str(model._meta.get_field(field).verbose_name) for field in changed]
            if self.update:
                wanted = rows[value] | ({name: units[value]} if name else {})
                self._bring_back(row, {field: wanted[field] for field in changed}, labels)
            else:
                self.result.differing.append(f"{row}：{'、'.join(labels)}")
        kind = str(model._meta.verbose_name)
        self.result.counts[kind] = len(rows)
        self.result.new[kind] = len(created)
        return created

    def _bring_back(self, row: Model, wanted: dict, labels: list[str]) -> None:
        columns = []
        for name, value in wanted.items():
            if isinstance(value, set):
                getattr(row, name).set(value)
            else:
                setattr(row, name, value)
                columns.append(name.removesuffix("_id"))
        row.save(update_fields=columns)
        # An event's subject has a number as its key; a district has a code.
        if isinstance(row.pk, int):
            workflow.note_configuration(row, self.by, labels)
        self.result.brought_back += 1


def _through(model: type[Model], name: str) -> tuple[type[Model], str, str]:
    """The table behind a many-to-many field, with its two columns."""
    relation = model._meta.get_field(name)
    return (
        relation.remote_field.through,
        f"{relation.m2m_field_name()}_id",
        f"{relation.m2m_reverse_field_name()}_id",
    )


def _write_links(model: type[Model], name: str, links: dict[int, set[int]]) -> None:
    through, own, other = _through(model, name)
    through.objects.bulk_create(
        through(**{own: pk, other: office}) for pk, offices in links.items() for office in sorted(offices)
    )


def _read_links(model: type[Model], name: str, pks: list[int]) -> dict[int, set[int]]:
    through, own, other = _through(model, name)
    found: dict[int, set[int]] = {}
    for pk, office in through.objects.filter(**{f"{own}__in": pks}).values_list(own, other):
        found.setdefault(pk, set()).add(office)
    return found
