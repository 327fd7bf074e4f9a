"""Which kind has which codec. A further kind is one more line here."""

from __future__ import annotations

from accounting.port.documents import Kind, UnknownKind
from accounting.providers.xero.kinds.allocations import AllocationCodec
from accounting.providers.xero.kinds.base import Codec
from accounting.providers.xero.kinds.contacts import ContactCodec
from accounting.providers.xero.kinds.credit_notes import CreditNoteCodec
from accounting.providers.xero.kinds.invoices import InvoiceCodec
from accounting.providers.xero.kinds.payments import PaymentCodec
from accounting.providers.xero.kinds.refunds import RefundCodec


def _by_kind(*codecs: Codec) -> dict[Kind, Codec]:
    return {codec.kind: codec for codec in codecs}


CODECS = _by_kind(
    ContactCodec(),
    InvoiceCodec(),
    CreditNoteCodec(),
    PaymentCodec(),
    AllocationCodec(),
    RefundCodec(),
)


def codec_of(kind: Kind) -> Codec:
    """The codec of this kind. Raises UnknownKind."""
    try:
        return CODECS[kind]
    except KeyError:
        raise UnknownKind(f"Xero's side of {kind!r} is not known: no codec is registered for it") from None


def codec_of_category(category: str) -> Codec | None:
    """The codec that webhook events of this category are for; None when nothing here follows them."""
    return next((codec for codec in CODECS.values() if codec.category == category), None)
