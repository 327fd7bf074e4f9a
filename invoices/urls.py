"""The invoice pages of a workspace."""

from __future__ import annotations

from django.urls import path

from invoices import views

app_name = "invoices"
urlpatterns = [
    path("", views.index, name="list"),
    path("numbers/", views.numbers, name="numbers"),
    path("new/", views.create, name="create"),
    path("preview/", views.preview, name="preview"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/header/", views.part, {"name": "header"}, name="header"),
    path("<uuid:pk>/document/", views.part, {"name": "document"}, name="document"),
    path("<uuid:pk>/history/", views.part, {"name": "history"}, name="history"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/preview/", views.preview, name="preview_edit"),
    path("<uuid:pk>/submit/", views.step, {"name": "submit"}, name="submit"),
    path("<uuid:pk>/approve/", views.step, {"name": "approve"}, name="approve"),
    path("<uuid:pk>/sent/", views.step, {"name": "sent"}, name="sent"),
    path("<uuid:pk>/reopen/", views.step, {"name": "reopen"}, name="reopen"),
    path("<uuid:pk>/void/", views.step, {"name": "void"}, name="void"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
]
