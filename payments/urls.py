"""The payments of a workspace's invoices."""

from __future__ import annotations

from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("", views.index, name="list"),
    path("payments.csv", views.download, name="download"),
    path("invoice/<uuid:invoice_pk>/", views.panel, name="panel"),
    path("invoice/<uuid:invoice_pk>/record/", views.record, name="record"),
    path("invoice/<uuid:invoice_pk>/void/", views.void, name="void"),
    path("<uuid:pk>/reverse/", views.reverse, name="reverse"),
]
