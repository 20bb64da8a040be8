"""The opinion column: what this person may do to this case now, as forms; one of them is the primary one."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import budgets, deadlines
from applications.models import Application
from applications.states import ENDED, State
from desk.dossier.rule import Explanation
from desk.forms import acts
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.display import dates, money
from measures import funds
from reviews import access as duties


@dataclass
class Danger:
    """A verb that turns the case back or down: red text, and a confirmation that names the consequence."""

    id: str
    verb: str
    consequence: str
    url: str
    form: acts.ActForm
    key: str
    confirm_label: str = ""


@dataclass
class Panel:
    """title: whose opinion; primary: the form with the one button; dangers: what is behind a confirmation."""

    title: str = ""
    verbs: list[str] = field(default_factory=list)
    primary: acts.ActForm | None = None
    primary_url: str = ""
    primary_label: str = ""
    primary_key: str = ""
    # A second way to send the primary form.
    also_url: str = ""
    also_label: str = ""
    lead: str = ""
    dangers: list[Danger] = field(default_factory=list)
    correction_url: str = ""
    links: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Why something was refused that this panel has no form for (any more).
    refused: list[str] = field(default_factory=list)

    # The case has ended: nobody has it.
    is_over: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.primary or self.dangers or self.correction_url or self.links)


_TITLES = {
    State.SUBMITTED: gettext_lazy("受理"),
    State.DISTRICT_REVIEW: gettext_lazy("区级意见"),
    State.DISTRICT_ENDORSEMENT: gettext_lazy("区级复核"),
    State.MUNICIPAL_REVIEW: gettext_lazy("市级审核"),
    State.WAITLISTED: gettext_lazy("候补"),
    State.PROPOSED: gettext_lazy("签发"),
    State.DECLINE_NOTIFIED: gettext_lazy("拟不予支持"),
    State.SIGNED_OFF: gettext_lazy("公示"),
    State.PUBLIC_NOTICE: gettext_lazy("批复"),
    State.APPROVED: gettext_lazy("拨付"),
    State.PAID: gettext_lazy("拨付之后"),
    State.COMPLETED: gettext_lazy("验收之后"),
    State.REFERRED: gettext_lazy("转办办理"),
}
_BARRED = {
    "endorse": gettext_lazy("推荐人与复核人不能是同一人：这件由您推荐，需由另一人复核。"),
    "sign_off": gettext_lazy("拟定人与签发人不能是同一人：这件由您拟定，需由另一人签发。"),
    "approve": gettext_lazy("拟定人与批复人不能是同一人：这件由您拟定，需由另一人批复。"),
}


def build(user, case: Application, rule: Explanation, forms: dict[str, acts.ActForm]) -> Panel:
    """The panel; forms: those that were just refused, by verb, instead of fresh ones."""
    title = str(_TITLES.get(State(case.state), _("办理")))
    panel = Panel(title=title, verbs=duties.verbs(user, case), is_over=case.state in ENDED)
    maker = _Maker(case, rule, forms, panel)
    for verb in panel.verbs:
        getattr(maker, verb)()
    panel.notes += [str(_BARRED[verb]) for verb in duties.barred(user, case)]
    if duties.filled_in(user, case):
        panel.notes.append(_("这份申请由您在窗口代填，须由另一人审核。"))
    if case.state == State.APPROVED and user.may(Permission.ORDER_PAYMENT, case.office_id):
        panel.links.append({"label": _("去提出拨付"), "url": reverse("desk:payments"), "key": "p"})
    _explain_waiting(user, case, panel)
    shown = {id(form) for form in (panel.primary, *(danger.form for danger in panel.dangers))}
    for form in forms.values():
        if id(form) not in shown:
            panel.refused += [text for texts in form.errors.values() for text in texts]
    return panel


def _explain_waiting(user, case: Application, panel: Panel) -> None:
    """Why nothing can be done yet, where only time or an answer is missing."""
    if case.state == State.PUBLIC_NOTICE and (open_ones := duties.open_objections(case)):
        panel.notes.append(_("有 %d 件异议待市级审核员答复，答复之前不能批复。") % open_ones)
    if case.state == State.PUBLIC_NOTICE and clock.now() < case.notice_closes_at:
        panel.notes.append(_("公示至 %s，期满后方可批复。") % dates.end(case.notice_closes_at))
    if case.state in duties.AFTER and (told := duties.open_revocation(case)):
        until = dates.day(told.due_on)
        text = _("已告知企业拟撤销（%(reason)s），企业可在 %(until)s前陈述申辩。")
        if told.defended_at:
            text = _("已告知企业拟撤销（%(reason)s），企业已陈述申辩。")
        panel.notes.append(text % {"reason": told.reason, "until": until})
    heard = case.defended_at is not None
    if case.state == State.DECLINE_NOTIFIED and heard:
        panel.notes.append(_("企业已于 %s陈述申辩，见下方“文书与送达”。") % dates.day(case.defended_at))
    elif case.state == State.DECLINE_NOTIFIED and deadlines.day_of(clock.now()) <= case.defence_due_on:
        panel.notes.append(
            _("企业可在 %s前陈述申辩，之后方可作出不予支持决定。") % dates.day(case.defence_due_on)
        )
    if "propose" in panel.verbs:
        for asked in case.consultations.waiting().select_related("office").order_by("due_on", "pk"):
            late = _("，已逾期") if asked.due_on < clock.today() else ""
            panel.notes.append(
                _("%(office)s的意见尚未答复（期限 %(day)s%(late)s）。")
                % {"office": asked.office, "day": dates.day(asked.due_on), "late": late}
            )
    if case.state == State.AWAITING_CORRECTION:
        panel.notes.append(_("等待企业补正，至 %s；办理期限暂停计算。") % dates.day(case.due_on))


class _Maker:
    """Fills a panel, verb by verb."""

    def __init__(self, case, rule, forms, panel):
        self.case, self.rule, self.forms, self.panel = case, rule, forms, panel

    def _url(self, name: str) -> str:
        return reverse(f"desk:{name}", args=[self.case.pk])

    def _form(self, kind, **options):
        return self.forms.get(kind.verb) or kind(case=self.case, **options)

    def _primary(self, kind, label, key, **options):
        self.panel.primary = self._form(kind, **options)
        self.panel.primary_url = self._url(kind.verb)
        self.panel.primary_label, self.panel.primary_key = str(label), key

    def _danger(self, kind, verb, key, consequence, confirm_label=""):
        self.panel.dangers.append(
            Danger(
                id=f"act-{kind.verb.replace('_', '-')}",
                verb=verb,
                consequence=consequence,
                url=self._url(kind.verb),
                form=self._form(kind),
                key=key,
                confirm_label=confirm_label,
            )
        )

    def accept(self):
        self._primary(acts.AcceptForm, _("受理"), "a")
        if self.case.call_item.route == "refer":
            self.panel.lead = _("受理后转%s办理。") % self.case.call_item.decided_by
        elif self.case.call_item.route == "full":
            self.panel.lead = _("受理后进入区级审核。")

    def refuse_acceptance(self):
        self._danger(
            acts.RefuseAcceptanceForm,
            _("不予受理"),
            "x",
            _("向企业发出不予受理通知书，本申请就此办结；通知书写明能否再次申请和救济途径。"),
            _("不予受理，发出通知书"),
        )

    def request_correction(self):
        self.panel.correction_url = self._url("request_correction")

    def transfer_case(self):
        now = self.case.enterprise.district
        moved = _("企业现在注册在%s。") % now.name if now.pk != self.case.district_id else ""
        self._danger(
            acts.TransferForm,
            _("移交其他区"),
            "m",
            moved + _("移交后由对方办理，本环节的期限重新计算；两个区和企业都会知道。提交的内容不变。"),
        )

    def recommend(self):
        self._primary(acts.RecommendForm, _("推荐，交负责人复核"), "r")
        self._danger(
            acts.AgainstForm,
            _("不推荐"),
            "d",
            _("提交后由负责人复核；负责人同意后，企业会收到拟不予支持的告知，并可在期限内陈述申辩。"),
            _("不推荐，交负责人复核"),
        )
        if self.rule.answer.eligible is False:
            self.panel.notes.append(_("规则核对不符合，不能推荐；可以要求补正，或不推荐。"))

    def endorse(self):
        if self.case.recommendation == Application.Recommendation.AGAINST:
            self._primary(acts.EndorseAgainstForm, _("同意不推荐，告知企业"), "e")
            self.panel.lead = _("审核员不推荐。同意后向企业发出拟不予支持的告知。")
        else:
            self._primary(acts.EndorseForm, _("同意推荐，报市级审核"), "e")
            self.panel.lead = _("审核员推荐。同意后报%s。") % (self.case.municipal_office or _("市级"))

    def send_back(self):
        if self.case.state == State.PROPOSED:
            consequence = _("退回市级审核员重新拟定；已预占的资金立即释放。企业不会收到通知。")
        else:
            consequence = _("退回区级审核员重新提出意见。企业不会收到通知。")
        self._danger(acts.SendBackForm, _("退回"), "t", consequence)

    def waitlist(self):
        self.panel.also_url = self._url("waitlist")
        self.panel.also_label = _("资金不足，列入候补")

    def lapse_waitlisted(self):
        self._danger(
            acts.LapseWaitlistedForm,
            _("终止候补"),
            "t",
            _("本批申报结束而资金仍不足的，终止候补并告知企业，本申请就此失效。"),
        )

    def propose(self):
        if self.case.state == State.WAITLISTED:
            free = funds.balance(self.case.call_item.fund).available
            self.panel.lead = _("候补第 %(place)d 位，候补金额 %(wanted)s 元；现在可用 %(free)s 元。") % {
                "place": duties.place(self.case),
                "wanted": money.plain(self.case.wanted_amount),
                "free": money.plain(free),
            }
        if left := budgets.left([self.case.call_item]):
            self.panel.lead += _("本专题预算 %(budget)s 元，还剩 %(left)s 元。") % {
                "budget": money.plain(self.case.call_item.budget),
                "left": money.plain(left[self.case.call_item_id]),
            }
        self._primary(
            acts.ProposeForm,
            _("拟支持，交负责人签发"),
            "p",
            unknown=[one.label for one in self.rule.answer.unknown],
            by_rate=self.case.call_item.item.ceiling_rate is not None,
        )
        self._danger(
            acts.ProposeDeclineForm,
            _("拟不予支持"),
            "d",
            _("交负责人签发；签发后企业会收到告知和理由，并可在期限内陈述申辩。"),
            _("拟不予支持，交负责人签发"),
        )

    def sign_off(self):
        if self.case.proposal == Application.Proposal.SUPPORT:
            self._primary(acts.SignOffForm, _("签发，进入公示"), "s")
            self.panel.lead = self._proposal()
        else:
            self._primary(acts.SignOffForm, _("签发，告知企业"), "s")
            self.panel.lead = _("审核员拟不予支持。签发后，企业会收到告知和以下理由：%s") % self.case.reason

    def _proposal(self) -> str:
        """拟支持 5,000,000 元（核定投资额 57,152,000 元）。"""
        text = _("拟支持 %s 元") % money.plain(self.case.proposed_amount)
        if self.case.appraised_investment is not None:
            text += _("（核定投资额 %s 元）") % money.plain(self.case.appraised_investment)
        return text + "。"

    def reconsider(self):
        self._primary(acts.ReconsiderForm, _("重新审核"), "r")
        self.panel.lead = _("申辩成立的，可以退回市级重新审核。")

    def decline(self):
        self._danger(
            acts.DeclineForm,
            _("不予支持"),
            "d",
            _("作出不予支持的决定并通知企业，本申请就此办结，不能撤销。"),
            _("作出不予支持决定"),
        )

    def publish(self):
        url = f"{reverse('desk:notice_new')}?item={self.case.call_item_id}"
        self.panel.links.append({"label": _("去拟定公示名单"), "url": url, "key": "g"})

    def approve(self):
        self._primary(acts.ApproveForm, _("批复"), "a")
        self.panel.lead = _("公示期已满。%s批复时再次核对规则，并占用资金。") % self._proposal()

    def reopen(self):
        self._danger(
            acts.ReopenForm,
            _("退回重审"),
            "t",
            _("从公示退回市级审核，公示名单中的这一条随之失效，已预占的资金立即释放，并通知企业。"),
        )

    def notify_revocation(self):
        self._danger(
            acts.NotifyRevocationForm,
            _("告知拟撤销"),
            "x",
            _("向企业发出拟撤销告知书，企业可在期限内陈述申辩；期满后由负责人决定。"),
            _("发出告知书"),
        )

    def revoke(self):
        self._danger(
            acts.RevokeForm,
            _("撤销支持"),
            "d",
            _("撤销批复并通知企业，不能恢复：未拨付的资金立即回到专项资金，已拨付的开始追回。"),
            _("作出撤销决定"),
        )

    def drop_revocation(self):
        self._danger(acts.DropRevocationForm, _("不予撤销"), "k", _("此前的拟撤销告知不再有效，并通知企业。"))

    def decide_change(self):
        asked = duties.asked_change(self.case)
        self._primary(acts.ChangeForm, _("答复变更申请"), "c")
        self.panel.lead = _("企业申请变更%(kind)s，见“变更”。应于 %(day)s前答复。") % {
            "kind": asked.get_kind_display(),
            "day": dates.day(asked.due_on),
        }

    def check_completion(self):
        self.panel.links.append({"label": _("登记验收"), "url": self._url("check_completion"), "key": "y"})

    def conclude(self):
        self._primary(acts.ConcludeForm, _("办结"), "e")

    def return_referral(self):
        self._danger(
            acts.ReturnReferralForm,
            _("退回转办"),
            "t",
            _("退回%s重新受理，本单位不再办理。") % (self.case.municipal_office or _("受理单位")),
        )
