"""What a workspace is on."""

from __future__ import annotations

from django.urls import path

from plans import views

app_name = "plans"
urlpatterns = [path("", views.billing, name="billing")]
