"""The desk: one address for each page and each verb."""

from django.urls import path

from desk.views import (
    acting,
    case,
    claims,
    enterprise,
    enterprises,
    funds,
    inbox,
    many,
    notices,
    payments,
    queue,
    reports,
)

app_name = "desk"
urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.queue, name="queue"),
    path("queue/export/", queue.queue_export, name="queue_export"),
    path("queue/accept/", many.many_accept, name="many_accept"),
    path("queue/endorse/", many.many_endorse, name="many_endorse"),
    path("queue/sign-off/", many.many_sign_off, name="many_sign_off"),
    path("queue/approve/", many.many_approve, name="many_approve"),
    # one case
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/documents/<uuid:document>/", case.document, name="document"),
    path("cases/<int:pk>/accept/", acting.accept, name="accept"),
    path("cases/<int:pk>/request-correction/", acting.request_correction, name="request_correction"),
    path("cases/<int:pk>/recommend/", acting.recommend, name="recommend"),
    path("cases/<int:pk>/recommend-against/", acting.recommend_against, name="recommend_against"),
    path("cases/<int:pk>/endorse/", acting.endorse, name="endorse"),
    path("cases/<int:pk>/send-back/", acting.send_back, name="send_back"),
    path("cases/<int:pk>/propose/", acting.propose, name="propose"),
    path("cases/<int:pk>/propose/estimate/", acting.estimate, name="estimate"),
    path("cases/<int:pk>/propose/preview/", acting.propose_preview, name="propose_preview"),
    path("cases/<int:pk>/propose-decline/", acting.propose_decline, name="propose_decline"),
    path("cases/<int:pk>/sign-off/", acting.sign_off, name="sign_off"),
    path("cases/<int:pk>/decline/", acting.decline, name="decline"),
    path("cases/<int:pk>/reconsider/", acting.reconsider, name="reconsider"),
    path("cases/<int:pk>/approve/", acting.approve, name="approve"),
    path("cases/<int:pk>/reopen/", acting.reopen, name="reopen"),
    path("cases/<int:pk>/conclude/", acting.conclude, name="conclude"),
    path("cases/<int:pk>/return-referral/", acting.return_referral, name="return_referral"),
    # who acts for an enterprise
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/", claims.claim, name="claim"),
    path("claims/<int:pk>/letter/", claims.claim_letter, name="claim_letter"),
    path("claims/<int:pk>/verify/", claims.claim_verify, name="claim_verify"),
    path("claims/<int:pk>/reject/", claims.claim_reject, name="claim_reject"),
    # public notices
    path("notices/", notices.notices, name="notices"),
    path("notices/new/", notices.notice_new, name="notice_new"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    # money
    path("payments/", payments.payments, name="payments"),
    path("payments/order/", payments.payment_order, name="payment_order"),
    path("payments/release/", payments.payment_release, name="payment_release"),
    path("payments/<int:pk>/", payments.payment, name="payment"),
    path("payments/<int:pk>/return/", payments.payment_return, name="payment_return"),
    path("payments/<int:pk>/confirm/", payments.payment_confirm, name="payment_confirm"),
    path("funds/", funds.funds, name="funds"),
    path("funds/<int:pk>/", funds.fund, name="fund"),
    # measure 10
    path("report/", reports.report, name="report"),
    path("report/<int:year>/<int:number>/", reports.report, name="report_of"),
    path("report/<int:year>/<int:number>/xlsx/", reports.report_xlsx, name="report_xlsx"),
    path("report/<int:year>/<int:number>/compile/", reports.report_compile, name="report_compile"),
    # people and enterprises
    path("messages/", inbox.messages, name="messages"),
    path("messages/read/", inbox.messages_read, name="messages_read"),
    path("messages/<int:pk>/", inbox.message_open, name="message_open"),
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/<int:pk>/", enterprise.enterprise, name="enterprise"),
    path("enterprises/<int:pk>/suspend/", enterprise.enterprise_suspend, name="enterprise_suspend"),
    path("enterprises/<int:pk>/reinstate/", enterprise.enterprise_reinstate, name="enterprise_reinstate"),
    path("enterprises/<int:pk>/close/", enterprise.enterprise_close, name="enterprise_close"),
    path("enterprises/<int:pk>/relocation/", enterprise.enterprise_relocation, name="enterprise_relocation"),
    path("enterprises/<int:pk>/inclusion/", enterprise.enterprise_inclusion, name="enterprise_inclusion"),
    path(
        "enterprises/<int:pk>/credit-check/",
        enterprise.enterprise_credit_check,
        name="enterprise_credit_check",
    ),
    path(
        "enterprises/<int:pk>/qualification/",
        enterprise.enterprise_qualification,
        name="enterprise_qualification",
    ),
]
