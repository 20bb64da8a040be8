"""manage.py verify_ledger: do the ledgers add up?"""

import unicodedata

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from foundation.events.verification import snapshot
from measures import funds, verification
from measures.models.funds import BUCKETS, LedgerEntry, SpecialFund

# A forged ledger may differ in every row: this many tell the story.
SHOWN = 100


class Command(BaseCommand):
    help = _("列出各专项资金的余额，逐笔核验台账；有不符即列出并以 1 退出")

    def handle(self, *args, **options):
        counts: dict[str, int] = {"entries": 0, "cases": 0}
        found = 0
        # One view of everything: payments may go on while a long check runs.
        with snapshot():
            self._print_balances()
            for difference in verification.verify(counts):
                found += 1
                if found <= SHOWN:
                    self.stdout.write(self.style.ERROR(str(difference)))
        if found:
            self.stdout.write(self.style.ERROR(str(_("共有 %(count)s 处不符")) % {"count": found}))
            raise SystemExit(1)
        self.stdout.write(str(_("相符：台账 %(entries)s 笔，涉及申请 %(cases)s 件")) % counts)

    def _print_balances(self):
        balances = funds.balances()
        header = [str(_("专项资金")), *(str(LedgerEntry._meta.get_field(b).verbose_name) for b in BUCKETS)]
        rows = [
            [fund.code, *(f"{getattr(balances.get(fund.pk, funds.Balances()), b):,.2f}" for b in BUCKETS)]
            for fund in SpecialFund.objects.order_by("-year", "code")
        ]
        widths = [max(_width(line[column]) for line in [header, *rows]) for column in range(len(header))]
        for line in [header, *rows]:
            name, *amounts = line
            cells = [name + " " * (widths[0] - _width(name))]
            cells += [" " * (w - _width(cell)) + cell for cell, w in zip(amounts, widths[1:], strict=True)]
            self.stdout.write("  ".join(cells))


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
