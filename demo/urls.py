from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [path("clock/", views.move_clock, name="clock")]
