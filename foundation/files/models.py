"""Uploaded and issued documents; their bytes lie in the private store."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock


class Document(models.Model):
    """A file as it was handed in: never changed, served only by the room that links it.

    The same bytes are stored once; two documents may share them.
    """

    runtime_rights = ("SELECT", "INSERT")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    size = models.BigIntegerField(_("字节数"))
    name = models.CharField(_("文件名"), max_length=150)
    content_type = models.CharField(_("类型"), max_length=100)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("上传者"),
        help_text=_("空为系统"),
    )
    uploaded_at = models.DateTimeField(_("上传时间"), default=clock.now)
    stored_as = models.CharField(_("存放位置"), max_length=100)

    class Meta:
        verbose_name = _("文件")
        verbose_name_plural = _("文件")
        constraints = [
            models.CheckConstraint(name="document_not_empty", condition=models.Q(size__gt=0)),
        ]
        triggers = [pgtrigger.Protect(name="unchanged", operation=pgtrigger.Update)]

    def __str__(self):
        return self.name
