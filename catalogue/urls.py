"""Services and tax rates, inside a workspace."""

from __future__ import annotations

from django.urls import path

from catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("new/", views.create_service, name="create_service"),
    path("<uuid:service_id>/edit/", views.edit_service, name="edit_service"),
    path("<uuid:service_id>/archive/", views.archive_service_page, name="archive_service"),
    path("tax-rates/new/", views.create_tax_rate, name="create_tax_rate"),
    path("tax-rates/<uuid:tax_rate_id>/rename/", views.rename_tax_rate, name="rename_tax_rate"),
    path("tax-rates/<uuid:tax_rate_id>/archive/", views.archive_tax_rate_page, name="archive_tax_rate"),
    path("tax-rates/<uuid:tax_rate_id>/default/", views.default_rate, name="make_default"),
]
