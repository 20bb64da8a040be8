"""What an entry's page tells: who decides, what to prepare, where and how long, each line with its ground."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from measures.models.policy import Item


class Guidance(models.Model):
    """One line of an item's page. `basis` is the ground it stands on: nothing is told without one.

    *policy*: the clause of the item itself. *other*: another rule, named in `source`. *system*: how this system
    does it. *assumed*: our own inference, marked on the page. *silent*: the public text doesn't say.
    """

    class Part(models.TextChoices):
        DECIDES = "decides", _("由谁决定")
        PREPARE = "prepare", _("准备什么")
        WHERE = "where", _("到哪里办")
        TIME = "time", _("要多久")

    class Basis(models.TextChoices):
        POLICY = "policy", _("本措施")
        OTHER = "other", _("其他规定")
        SYSTEM = "system", _("本系统")
        ASSUMED = "assumed", _("推定")
        SILENT = "silent", _("公开文本未写明")

    item = models.ForeignKey(Item, models.CASCADE, related_name="guidance", verbose_name=_("事项"))
    part = models.CharField(_("部分"), max_length=8, choices=Part.choices)
    position = models.PositiveSmallIntegerField(_("顺序"))
    text = models.CharField(_("内容"), max_length=300)
    basis = models.CharField(_("依据"), max_length=8, choices=Basis.choices)
    source = models.CharField(_("出处"), max_length=200, blank=True, help_text=_("依据为“其他规定”时必填"))

    class Meta:
        verbose_name = _("办事指引")
        verbose_name_plural = _("办事指引")
        ordering = ["item", "position"]
        constraints = [
            models.UniqueConstraint(name="guidance_position", fields=["item", "position"]),
            models.CheckConstraint(name="guidance_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="guidance_source_of_others",
                condition=Q(basis="other") & ~Q(source="") | ~Q(basis="other") & Q(source=""),
                violation_error_message=_("依据为“其他规定”的要写出处，其他依据不写出处"),
            ),
        ]

    def __str__(self):
        return self.text
