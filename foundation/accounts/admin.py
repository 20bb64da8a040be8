"""Accounts and offices in the admin: people are read here, and change by the verbs of the desk's 人员 pages."""

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin, TabularInline

from foundation.accounts.models import Deputyship, District, Office, Post, User
from foundation.events.readonly import ReadOnlyAdmin

admin.site.unregister(Group)
# Addresses are personal data of enterprises' people too; their owners keep them, nobody reads them here.
admin.site.unregister(EmailAddress)


class PostInline(TabularInline):
    model = Post
    fk_name = "user"
    extra = 0
    fields = ["office", "role", "since", "until", "given_by"]
    readonly_fields = fields

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """To be found and read. Accounts and posts change by the verbs alone: 人员 on the desk."""

    list_display = ["username", "full_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "posts__role"]
    search_fields = ["username", "full_name"]
    inlines = [PostInline]
    fields = ["username", "full_name", "is_active", "is_staff", "last_login", "date_joined"]


@admin.register(Deputyship)
class DeputyshipAdmin(ReadOnlyAdmin):
    list_display = ["post", "holder", "deputy", "since", "until", "ended_at", "named_by"]
    list_select_related = ["post__office", "holder", "deputy", "named_by"]
    date_hierarchy = "since"


@admin.register(Office)
class OfficeAdmin(ModelAdmin):
    list_display = ["short_name", "name", "kind", "district", "phone"]
    list_filter = ["kind"]
    search_fields = ["name", "short_name", "code"]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(District)
class DistrictAdmin(ModelAdmin):
    list_display = ["code", "name"]

    def has_delete_permission(self, request, obj=None):
        return False
