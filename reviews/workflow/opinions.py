"""What the officials' verbs share: a signed opinion per case, and the rule checked on the way."""

from django.utils.translation import gettext as _

from applications import checks
from applications.models import Application
from applications.verbs import Act, Refused, store_checks
from reviews.models import Opinion

LONGEST_TEXT = 4000


def required(text: str, name: str, message: str, longest: int = LONGEST_TEXT) -> str:
    """A text that must be there; refused beside the field `name` where it is not, or is too long."""
    text = (text or "").strip()
    if not text:
        raise Refused("invalid", message, {name: [message]})
    if len(text) > longest:
        long = _("不能超过 %d 个字") % longest
        raise Refused("invalid", long, {name: [long]})
    return text


class Opined(Act):
    """A verb that leaves a signed opinion. `verdict` and `text` are the same for all of its cases."""

    verdict = ""
    text = ""
    # Whether the rule is checked again, and what was seen frozen.
    rechecks = False

    def check(self, case: Application) -> None:
        self._stage = getattr(self, "_stage", {})
        self._stage[case.pk] = (case.state, case.office)

    def prepare(self, cases):
        self.checked = checks.check(cases, self.verb, self.at, self.appraised()) if self.rechecks else {}

    def appraised(self) -> dict | None:
        """Appraised investments (yuan) by case, where this verb brings them."""
        return None

    def verdict_on(self, case: Application) -> str:
        return self.verdict

    def amount_of(self, case: Application):
        return None

    def note_check(self, case: Application) -> None:
        """Keep the check's result on the row, for the lists."""
        case.eligible = self.checked[case.pk].answer.eligible

    def refuse_unmet(self, case: Application) -> None:
        """Refuse a case whose rule now answers no."""
        answer = self.checked[case.pk].answer
        if answer.eligible is False:
            raise Refused(
                "invalid",
                _("规则核对不符合：%s") % "；".join(f"{c.label}（{c.actual_text}）" for c in answer.unmet),
            )

    def text_on(self, case: Application) -> str:
        return self.text

    def finish(self, cases):
        Opinion.objects.bulk_create(
            Opinion(
                application=case,
                stage=self._stage[case.pk][0],
                verdict=self.verdict_on(case),
                text=self.text_on(case),
                amount=self.amount_of(case),
                office=self._stage[case.pk][1],
                by=self.by,
                in_place_of=self.in_place_of(case),
                at=self.at,
            )
            for case in cases
        )
        store_checks(self.checked[case.pk].row for case in cases if self.rechecks)

    def facts(self, case):
        facts = {"opinion": self.text} if self.text else {}
        if self.rechecks:
            facts["eligible"] = self.checked[case.pk].answer.eligible
        return facts
