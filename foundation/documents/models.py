"""Documents that the system issued: made once for each state of their facts, kept, never made again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.files.models import Document


class IssuedDocument(AppendOnly):
    """A PDF that says, with number and moment, what was so: of a case, a notice, a report.

    subject: the row that it speaks of, by its model's label and key, as the chains of events name it; part:
    which part of it (a round of submission, a district's code), often empty. facts_sha256: of everything that
    it says; the same facts are never issued twice.
    """

    kind = models.CharField(_("种类"), max_length=30)
    title = models.CharField(_("文件标题"), max_length=200)
    subject_kind = models.CharField(_("对象种类"), max_length=60)
    subject_id = models.BigIntegerField(_("对象"))
    part = models.CharField(_("部分"), max_length=20, blank=True)
    document = models.OneToOneField(Document, models.PROTECT, related_name="issued", verbose_name=_("文件"))
    facts_sha256 = models.CharField(_("内容指纹"), max_length=64)
    issued_at = models.DateTimeField(_("出具时间"), default=clock.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("出具人"),
        help_text=_("空为系统"),
    )

    class Meta:
        verbose_name = _("出具的文件")
        verbose_name_plural = _("出具的文件")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="issued_once",
                # In this order its index also finds all that was issued about a subject.
                fields=["subject_kind", "subject_id", "kind", "part", "facts_sha256"],
            ),
            models.CheckConstraint(
                name="issued_fingerprint", condition=models.Q(facts_sha256__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self):
        return self.title
