from django.contrib import admin
from unfold.admin import TabularInline

from foundation.events.readonly import ReadOnlyAdmin
from reviews.models import Letter, ListingRequest, NoticeLine, Opinion, ProactiveList, PublicNotice


class LineInline(TabularInline):
    model = NoticeLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ["position", "enterprise_name", "partners", "project", "district", "amount"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(PublicNotice)
class PublicNoticeAdmin(ReadOnlyAdmin):
    list_display = ["number", "title", "published_at", "closes_at"]
    inlines = [LineInline]


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ["application", "stage", "verdict", "amount", "office", "at"]
    list_filter = ["verdict", "stage"]
    list_select_related = ["application", "office"]


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ["number", "kind", "addressee", "office", "at"]
    list_filter = ["kind"]
    list_select_related = ["office"]


@admin.register(ProactiveList)
class ProactiveListAdmin(ReadOnlyAdmin):
    list_display = ["number", "call_item", "state", "drawn_by", "drawn_at", "checked_by", "checked_at"]
    list_filter = ["state"]
    list_select_related = ["call_item__item", "drawn_by", "checked_by"]


@admin.register(ListingRequest)
class ListingRequestAdmin(ReadOnlyAdmin):
    list_display = ["number", "enterprise", "call_item", "state", "asked_at", "due_on"]
    list_filter = ["state"]
    list_select_related = ["enterprise", "call_item__item"]
