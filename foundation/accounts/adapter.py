"""How allauth signs people up here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.shortcuts import resolve_url


class AccountAdapter(DefaultAccountAdapter):
    """Officers land on the desk, enterprises on the portal; staff accounts are made in the admin only."""

    def get_login_redirect_url(self, request):
        if request.user.is_officer:
            return resolve_url("desk:home")
        return resolve_url("home")

    def get_signup_redirect_url(self, request):
        return resolve_url("claim")
