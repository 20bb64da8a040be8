"""Addresses of the sample pages, with the names that the frame looks for."""

from django.urls import include, path

from tests.display import samples

desk = [path("", samples.home, name="home")]
demo = [path("clock/", samples.home, name="clock")]
urlpatterns = [
    path("", samples.home, name="home"),
    path("autosave/", samples.autosave, name="autosave"),
    path("samples/<name>/", samples.page, name="sample"),
    path("desk/samples/<name>/", samples.page, name="desk-sample"),
    path("refused/<code>/", samples.refused, name="refused"),
    path("desk/", include((desk, "desk"))),
    path("demo/", include((demo, "demo"))),
    path("accounts/", include("allauth.account.urls")),
]
