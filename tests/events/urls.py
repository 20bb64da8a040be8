"""The one address that a mail links to."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("messages/<int:pk>/", lambda request, pk: HttpResponse(), name="message")]
