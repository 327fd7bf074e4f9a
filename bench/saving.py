"""G8: what capture adds to a save."""

from __future__ import annotations

import statistics
import time

from bench.figure import Figure, at_most
from bench.rows import make_customers, make_invoices
from bench.scale import Scale
from bench.stage import connected_stage
from core.changes import caused_by
from invoices.models import Invoice
from invoices.queries import get_invoice
from invoices.services import update_invoice


def measure(scale: Scale) -> list[Figure]:
    """Two saves of as many invoices, with and without capture, by turns."""
    number = scale.pick(tiny=4, usual=100, full=500)
    captured, plain = [], []
    with connected_stage() as stage:
        invoices = make_invoices(make_customers(stage.workspace, 5), 2 * number, stage.rate)
        for with_capture, without in zip(invoices[::2], invoices[1::2], strict=True):
            captured.append(_save(with_capture))
            with caused_by("backfill"):
                plain.append(_save(without))
    ours, bare = statistics.median(captured), statistics.median(plain)
    return [
        at_most(
            "G8 a save with capture / without", ours / bare, 1.5,
            method=f"update_invoice through its service, {number} invoices each, by turns; medians. "
            "Capture includes the wake-up's compare-and-swap, not the broker.",
            beside=f"{ours * 1000:.1f} ms against {bare * 1000:.1f} ms",
        )
    ]  # fmt: skip


def _save(invoice: Invoice) -> float:
    invoice = get_invoice(invoice.pk)
    began = time.perf_counter()
    update_invoice(invoice=invoice, reference="saved", by=None)
    return time.perf_counter() - began
