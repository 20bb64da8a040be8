"""The portal's addresses; names stand for themselves, without a namespace."""

from django.urls import path

from portal.views import (
    cases,
    catalogue,
    changes,
    claims,
    documents,
    drafts,
    enterprise,
    home,
    letters,
    messages,
    notices,
    objections,
    submitting,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("measures/", catalogue.catalogue, name="catalogue"),
    path("measures/<int:number>/", catalogue.measure, name="measure"),
    path("items/<str:code>/", catalogue.item, name="item"),
    path("items/<str:code>/apply/", drafts.start, name="apply"),
    path("claim/", claims.claim, name="claim"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/letter/", claims.letter, name="claim_letter"),
    path("claims/<int:pk>/letter/file/", claims.letter_file, name="claim_letter_file"),
    path("applications/", cases.my_cases, name="my_cases"),
    path("applications/<int:pk>/", cases.case, name="case"),
    path("applications/<int:pk>/withdraw/", cases.withdraw, name="case_withdraw"),
    path("applications/<int:pk>/letters/<int:letter>/", letters.letter, name="case_letter"),
    path(
        "applications/<int:pk>/letters/<int:letter>/received/", letters.received, name="case_letter_received"
    ),
    path("applications/<int:pk>/defence/", letters.defence, name="case_defence"),
    path("applications/<int:pk>/change/", changes.change, name="case_change"),
    path("applications/<int:pk>/submissions/<int:number>/", cases.submission, name="case_submission"),
    path("applications/<int:pk>/documents/<uuid:document>/", documents.open_document, name="case_document"),
    path("applications/<int:pk>/edit/", drafts.edit, name="draft"),
    path("applications/<int:pk>/autosave/", drafts.autosave, name="draft_autosave"),
    path("applications/<int:pk>/upload/<str:slot>/", documents.upload, name="draft_upload"),
    path("applications/<int:pk>/remove/<str:slot>/", documents.remove, name="draft_remove"),
    path("applications/<int:pk>/discard/", drafts.discard, name="draft_discard"),
    path("applications/<int:pk>/submit/", submitting.submit, name="submit"),
    path("messages/", messages.inbox, name="messages"),
    path("messages/read/", messages.mark_all_read, name="messages_read"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("enterprise/", enterprise.profile, name="enterprise"),
    path("enterprise/figures/", enterprise.figure, name="enterprise_figure"),
    path("enterprise/account/", enterprise.account, name="enterprise_account"),
    path("enterprise/choose/", enterprise.choose, name="enterprise_choose"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:number>/", notices.notice, name="notice"),
    path("notices/<str:number>/objection/", objections.objection, name="notice_objection"),
]
