"""How a verb's refusal is answered: 409 for the stale page, 403 for the forbidden, else beside the fields."""

from django.shortcuts import render

from applications.verbs import Refused
from foundation.accounts.access import NotAllowed


def stale(request, message: str, back_url: str):
    """The clear page for who came second."""
    return render(request, "409.html", {"message": message, "back_url": back_url}, status=409)


def answered(request, refusal: Refused, back_url: str):
    """The page that a refusal leads to, or None where the form shows it; raises NotAllowed."""
    if refusal.code == "forbidden":
        raise NotAllowed(refusal.message)
    return stale(request, refusal.message, back_url) if refusal.code == "stale" else None
