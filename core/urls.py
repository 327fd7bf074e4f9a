"""The living page of the design system."""

from __future__ import annotations

from django.urls import path

from core import views

urlpatterns = [path("", views.design, name="design")]
