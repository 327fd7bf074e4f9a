"""What a customer owes, below the customer's own address."""

from __future__ import annotations

from django.urls import path

from ledger import views

app_name = "ledger"
urlpatterns = [
    path("<uuid:customer_pk>/financial/", views.financial, name="financial"),
    path("<uuid:customer_pk>/financial.csv", views.download, name="download"),
]
