"""How allauth signs people up here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.shortcuts import resolve_url

from foundation.accounts.models import User
from foundation.accounts.roles import PUBLIC
from foundation.events import events


class AccountAdapter(DefaultAccountAdapter):
    """Officers land on the desk, enterprises on the portal; officials' accounts are opened by the
    system administrator only. Who signs in, and who is refused, stands in the log."""

    def get_login_redirect_url(self, request):
        if request.user.is_officer:
            return resolve_url("desk:home")
        return resolve_url("home")

    def get_signup_redirect_url(self, request):
        return resolve_url("claim")

    def post_login(self, request, user, **options):
        with transaction.atomic():
            events.record("sign_in", user, user)
        return super().post_login(request, user, **options)

    def authentication_failed(self, request, **credentials):
        super().authentication_failed(request, **credentials)
        # Known accounts alone: what else was typed may be anything, even a password.
        named = credentials.get("username") or ""
        address = credentials.get("email") or ""
        found = User.objects.filter(username=named) if named else User.objects.filter(email__iexact=address)
        if (named or address) and (user := found.order_by("pk").first()):
            with transaction.atomic():
                events.record("refuse_sign_in", user, PUBLIC)
