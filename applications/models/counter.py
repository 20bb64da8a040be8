"""窗口代填: an officer fills an application in for an enterprise that came to the counter with it on paper."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.case import Application
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.files.models import Document


class CounterFiling(models.Model):
    """Written once. On whose request, with what shown, which paper: the signed application that was handed in, scanned.

    Not append-only in the database: the encrypted name is encrypted anew when the key changes.
    """

    application = models.OneToOneField(Application, models.PROTECT, related_name="counter_filing")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("代填单位"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("代填人")
    )
    requester = EncryptedTextField(_("来办人姓名"))
    identity_shown = models.CharField(_("核对的证件"), max_length=120)
    scan = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("签字盖章的书面申请（扫描件）")
    )
    at = models.DateTimeField(_("来办时间"), default=clock.now)

    class Meta:
        verbose_name = _("窗口代填")
        verbose_name_plural = _("窗口代填")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.application_id} · {self.office}"
