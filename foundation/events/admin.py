"""Events, seals and messages in the admin: to be read, never changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.events.models import Chain, DailySeal, Delivery, Event, Notification, SealLine
from foundation.events.readonly import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "verb", "kind", "subject_id", "seq", "actor_label"]
    list_filter = ["verb", "chain__kind"]
    list_select_related = ["chain"]
    search_fields = ["verb", "actor_label", "chain__subject_id"]
    date_hierarchy = "at"
    ordering = ["-id"]
    # Counting every event at each page costs more than it tells.
    show_full_result_count = False

    @admin.display(description=_("对象类型"), ordering="chain__kind")
    def kind(self, event):
        return event.chain.kind

    @admin.display(description=_("对象编号"), ordering="chain__subject_id")
    def subject_id(self, event):
        return event.chain.subject_id


@admin.register(Chain)
class ChainAdmin(ReadOnlyAdmin):
    list_display = ["kind", "subject_id", "seq", "head"]
    list_filter = ["kind"]
    search_fields = ["subject_id"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "event", "audience_kind", "audience_id", "resolved_at"]
    list_filter = ["audience_kind", "event__verb"]
    list_select_related = ["event"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["notification", "user_id", "channel", "attempts", "sent_at", "next_try_at", "last_error"]
    list_filter = ["channel", ("sent_at", admin.EmptyFieldListFilter), "last_error"]
    list_select_related = ["notification"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(DailySeal)
class DailySealAdmin(ReadOnlyAdmin):
    list_display = ["day", "digest", "previous_digest", "sealed_at"]
    ordering = ["-day"]


@admin.register(SealLine)
class SealLineAdmin(ReadOnlyAdmin):
    list_display = ["seal_id", "kind", "subject_id", "seq", "head"]
    list_filter = ["kind"]
    search_fields = ["subject_id"]
    ordering = ["-id"]
    show_full_result_count = False
