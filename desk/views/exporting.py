"""A list as a file, or the page that says why it can't be one."""

from django.http import Http404
from django.shortcuts import render

from foundation.lists.export import TooManyRows
from foundation.lists.lists import List


def download(request, listing: List, refusal: str = "%s"):
    """What the list shows, filters and order included, as XLSX or CSV (export=xlsx, csv); else 404.

    refusal: what is said where it can't be a file, around the reason.
    """
    try:
        response = listing.download()
    except TooManyRows as error:
        return render(request, "desk/refused.html", {"message": refusal % error}, status=422)
    if response is None:
        raise Http404
    return response
