"""An address whose view forgot its rule."""

from django.http import HttpResponse
from django.urls import include, path

from config.urls import urlpatterns as known


def forgotten(request):
    return HttpResponse("secret")


urlpatterns = [path("forgotten/", forgotten, name="forgotten"), path("", include(known))]
