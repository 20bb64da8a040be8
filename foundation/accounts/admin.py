from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from foundation.accounts.models import District, Office, Post, User

admin.site.unregister(Group)


class PostInline(TabularInline):
    model = Post
    extra = 0
    autocomplete_fields = ["office"]

    # Who keeps the accounts takes no post by themselves: another one gives it to them.
    def has_add_permission(self, request, obj):
        return obj != request.user and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return obj != request.user and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return obj != request.user and super().has_delete_permission(request, obj)


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "full_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "posts__role"]
    search_fields = ["username", "full_name", "email"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    inlines = [PostInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("个人信息"), {"fields": ["full_name", "email"]}),
        (_("账号"), {"fields": ["is_active", "is_staff", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "full_name", "email", "password1", "password2"]})]

    def has_delete_permission(self, request, obj=None):
        return False


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
