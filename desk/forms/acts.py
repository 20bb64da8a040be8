"""One form for each verb on a case. Forms read; access and verbs decide."""

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.verbs import Refused
from desk.forms.fields import MoneyField, opinion
from foundation.accounts.models import District
from foundation.files.models import Document
from reviews.models import RevocationNotice
from reviews.workflow import Ground
from reviews.workflow.transferring import LONGEST_REASON

# How long a document that came with a refused opinion waits for the next try; seconds.
KEPT_FOR = 8 * 3600
APPRAISAL_TYPES = "application/pdf,image/png,image/jpeg"


class ActForm(forms.Form):
    """The version that the page saw travels with each verb; the verb's name sets its fields apart."""

    use_required_attribute = False
    verb = ""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, case: Application, **options):
        self.case = case
        options.setdefault("initial", {"version": case.version})
        super().__init__(data, files, prefix=self.verb.replace("_", "-"), **options)

    def refuse(self, refusal: Refused) -> None:
        """The verb's refusal, beside the field that it names."""
        placed = False
        for name, texts in refusal.fields.items():
            if name in self.fields:
                self.add_error(name, [str(text) for text in texts])
                placed = True
        if not placed:
            self.add_error(None, refusal.message)


class AcceptForm(ActForm):
    verb = "accept"
    text = opinion(_("受理意见"), required=False, rows=3, help_text=_("可以不填；填写的会记入办理过程。"))


class RefuseAcceptanceForm(ActForm):
    """The ground and the reason in words; both stand in the letter."""

    verb = "refuse_acceptance"
    ground = forms.ChoiceField(
        label=_("不予受理的情形"),
        choices=[("", _("请选择")), *Ground.choices],
        error_messages={"required": _("请选择不予受理的情形")},
    )
    text = opinion(
        _("具体理由"),
        required=True,
        rows=3,
        help_text=_("写进通知书，企业会原样读到。"),
        missing=_("请写明不予受理的具体理由"),
    )


class RecommendForm(ActForm):
    verb = "recommend"
    text = opinion(
        _("审核意见"),
        required=True,
        help_text=_("写明核对了什么、依据是什么。"),
        missing=_("请写明审核意见"),
    )


class AgainstForm(ActForm):
    verb = "recommend_against"
    text = opinion(_("不推荐的理由"), required=True, missing=_("请写明不推荐的理由"))


class EndorseForm(ActForm):
    verb = "endorse"
    text = opinion(_("复核意见"), required=False, rows=3, help_text=_("可以不填。"))


class EndorseAgainstForm(ActForm):
    """Endorsing a recommendation against: the text is what the enterprise will read."""

    verb = "endorse"
    text = opinion(
        _("告知企业的理由"),
        required=True,
        help_text=_("企业会原样读到这段理由，并可在期限内陈述申辩。"),
        missing=_("请写明告知企业的理由"),
    )


class TransferForm(ActForm):
    """Which district handles the case from now on, and why."""

    verb = "transfer_case"
    district = forms.ModelChoiceField(
        label=_("移交给"),
        queryset=District.objects.all(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择移交给哪个区")},
    )
    reason = forms.CharField(
        label=_("移交的理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("两个区和企业都会读到。"),
        error_messages={"required": _("请写明移交的理由")},
    )


class SendBackForm(ActForm):
    verb = "send_back"
    text = opinion(_("退回理由"), required=True, rows=3, missing=_("请写明退回理由"))


class ProposeForm(ActForm):
    """Support with an appraised amount. `unknown`: labels of the rule's open conditions."""

    verb = "propose"
    appraised = MoneyField(
        label=_("核定投资额"),
        help_text=_("按第三方评估报告填写；申报额不作为拨付依据。"),
        error_messages={"required": _("请填写核定投资额")},
    )
    document = forms.FileField(
        label=_("核定依据"),
        required=False,
        help_text=_("评估报告，PDF、PNG 或 JPG，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": APPRAISAL_TYPES, "data-max-bytes": 20 * 2**20}),
        error_messages={"required": _("请上传核定依据（第三方评估报告）")},
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    amount = MoneyField(
        label=_("拟支持金额"), required=False, help_text=_("不填即为规则算出的金额；可以更低，不能更高。")
    )
    text = opinion(_("审核意见和理由"), required=True, rows=4, missing=_("请写明审核意见和理由"))
    unknown_note = opinion(_("待核事项如何核实"), required=True, rows=2, missing=_("请写明待核事项如何核实"))

    def __init__(self, data=None, files=None, *, case, unknown=(), by_rate: bool = True, **options):
        options.setdefault("initial", {"version": case.version, "appraised": case.appraised_investment})
        super().__init__(data, files, case=case, **options)
        if unknown:
            self.fields["unknown_note"].help_text = _("规则中还有：%s。") % "；".join(unknown)
        else:
            del self.fields["unknown_note"]
        self.document_on_file: Document | None = self._on_file()
        self.fields["appraised"].required = by_rate
        self.fields["document"].required = by_rate and self.document_on_file is None

    def _on_file(self) -> Document | None:
        """The document of an earlier try, kept under this form's signature, or that of an earlier proposal."""
        token = self.data.get(self.add_prefix("kept"), "") if self.is_bound else ""
        if token:
            try:
                signed = signing.loads(token, salt=self._salt, max_age=KEPT_FOR)
            except signing.BadSignature:
                signed = None
            return Document.objects.filter(pk=signed).first() if signed else None
        return self.case.appraisal_document

    def keep(self, document: Document) -> None:
        """Remember an uploaded document for the next try of a refused opinion."""
        self.data = self.data.copy()
        self.data[self.add_prefix("kept")] = signing.dumps(str(document.pk), salt=self._salt)
        self.document_on_file = document

    @property
    def _salt(self) -> str:
        return f"desk.appraisal.{self.case.pk}"


class ProposeDeclineForm(ActForm):
    verb = "propose_decline"
    text = opinion(
        _("拟不予支持的理由"),
        required=True,
        help_text=_("签发后，企业会原样读到这段理由。"),
        missing=_("请写明拟不予支持的理由"),
    )


class LapseWaitlistedForm(ActForm):
    verb = "lapse_waitlisted"
    text = opinion(
        _("终止候补的理由"),
        required=True,
        rows=3,
        help_text=_("企业会原样读到。"),
        missing=_("请写明终止候补的理由"),
    )


class SignOffForm(ActForm):
    verb = "sign_off"
    text = opinion(_("签发意见"), required=False, rows=3, help_text=_("可以不填。"))


class DeclineForm(ActForm):
    verb = "decline"
    text = opinion(
        _("对陈述申辩的答复"),
        required=False,
        rows=3,
        help_text=_("写进决定书。企业已陈述申辩的，须写明如何考虑、为什么不采纳。"),
    )


class ReconsiderForm(ActForm):
    verb = "reconsider"
    text = opinion(_("重新审核的理由"), required=True, rows=3, missing=_("请写明重新审核的理由"))


class ApproveForm(ActForm):
    verb = "approve"
    text = opinion(_("批复意见"), required=False, rows=3, help_text=_("可以不填。"))


class ReopenForm(ActForm):
    verb = "reopen"
    text = opinion(_("退回重审的理由"), required=True, rows=3, missing=_("请写明退回重审的理由"))


class NotifyRevocationForm(ActForm):
    verb = "notify_revocation"
    ground = forms.ChoiceField(
        label=_("撤销的情形"),
        choices=[("", _("请选择")), *RevocationNotice.Ground.choices],
        error_messages={"required": _("请选择撤销的情形")},
    )
    text = opinion(
        _("具体理由"),
        required=True,
        rows=3,
        help_text=_("写进告知书，企业会原样读到。"),
        missing=_("请写明拟撤销的具体理由"),
    )


class DropRevocationForm(ActForm):
    verb = "drop_revocation"
    text = opinion(_("不予撤销的理由"), required=True, rows=3, missing=_("请写明不予撤销的理由"))


class RevokeForm(ActForm):
    verb = "revoke"
    text = opinion(
        _("对陈述申辩的答复"),
        required=False,
        rows=3,
        help_text=_("写进决定书。企业已陈述申辩的，须写明如何考虑、为什么不采纳。"),
    )


class ChangeForm(ActForm):
    verb = "decide_change"
    decision = forms.ChoiceField(
        label=_("是否同意变更"),
        choices=[("yes", _("同意，批复金额不变")), ("no", _("不同意"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择是否同意变更")},
    )
    text = opinion(_("审核意见"), required=True, rows=3, missing=_("请写明审核意见"))


class ConcludeForm(ActForm):
    verb = "conclude"
    result = forms.CharField(
        label=_("办理结果"),
        max_length=300,
        help_text=_("企业会原样读到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请填写办理结果")},
    )
    text = opinion(_("内部说明"), required=False, rows=2)


class ReturnReferralForm(ActForm):
    verb = "return_referral"
    text = opinion(_("退回理由"), required=True, rows=3, missing=_("请写明退回理由"))
