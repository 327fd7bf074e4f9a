"""The sentences Xero answers. The first group is quoted as seen in the wild; the second says in our words what
Xero is known to refuse but whose wording nobody has published."""

from __future__ import annotations

from datetime import date

NUMBERS_TAKEN = {"invoice": "Invoice # must be unique.", "credit note": "Credit Note # must be unique."}
HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."
LINE_ID_NEEDED = "To update fields on a paid invoice line item, you must supply a LineItemID"
DUE_DATE_NEEDED = "The document DueDate field must be specified"
LINES_NEEDED = "One or more line items must be specified"
TAX_RATE_INACTIVE = "Tax rate must be Active"
TAX_TOO_LARGE = "TaxAmount cannot be greater than UnitAmount"
CONTACT_ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
WEBSITE_INVALID = "Website must be valid"
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."
EMAIL_INVALID = "Email address must be valid"
PAYMENT_TOO_LARGE = "Payment amount exceeds the amount outstanding on this document"
PAYMENT_NOT_AUTHORISED = "Payments can only be made against Authorised documents"
DOCUMENT_NOT_FOUND = "The document with the supplied id was not found for this endpoint."
RECONCILED = "This payment cannot be edited as it has been reconciled with a Bank Statement"

CONTACT_NEEDED = "A Contact must be specified for this type of transaction"
NAME_NEEDED = "The contact name must be specified."
TYPE_FIXED = "The Type of an existing document cannot be changed."
ACCOUNT_NEEDED = "Account code or ID must be specified for each line of an approved document."
DESCRIPTION_NEEDED = "Each line item must have a Description."
DESCRIPTION_TOO_LONG = "The line item Description cannot be longer than 4000 characters."
NEGATIVE_TOTAL = "The total of an approved document cannot be negative."
AMOUNT_TOO_LARGE = "The LineAmount cannot be greater than 9,999,999,999.99."
PAYMENT_NOT_POSITIVE = "The payment amount must be greater than zero."
PAYMENT_ACCOUNT_UNKNOWN = "The payment account was not found."
PAYMENT_ACCOUNT_WRONG = "The payment account must be a bank account or have payments enabled."
PAYMENT_ACCOUNT_ARCHIVED = "The payment account is archived."
PAYMENT_CURRENCY = "The bank account's currency must be the currency of the document or of the organisation."
PAYMENT_FIXED = "Payments cannot be updated; delete the payment and create another."
PAYMENT_DELETED = "The payment has already been deleted."
CREDIT_NOT_AUTHORISED = "Credit can only be applied to Authorised documents."
CREDIT_NOT_OPEN = "Only an Authorised document can be allocated or refunded."
ALREADY_PAID_OFF = "The document cannot be allocated to as it has already been paid off"
ALLOCATION_TOO_LARGE = "The allocation amount is greater than amount outstanding"
ALLOCATION_NOT_POSITIVE = "The allocation amount must be greater than zero."
ALLOCATION_TYPE = "The document is not of a type this credit can be allocated to."
ALLOCATION_CONTACT = "The credit and the document must belong to the same contact."
ALLOCATION_CURRENCY = "The credit and the document must be in the same currency."
ONE_TARGET = "A payment must name one Invoice, CreditNote, Prepayment or Overpayment, and no more."
CREDIT_TOO_LARGE = "The credit must be more than zero and at most the amount outstanding on this document."
ID_ON_CREATE = "An ID cannot be supplied for a document that is to be created."
URL_INVALID = "The Url must be a valid absolute http or https address and may not contain the word xero."
NAME_BRACKETS = "The contact name cannot contain angle brackets."
NAME_SPACES = "The contact name cannot start or end with a space or contain two in a row."
COUNTRY_LETTERS = "The country of an address may only contain letters."
TOO_MUCH_TRACKING = "A line item can have at most 2 Tracking elements."
TOO_MANY_PERSONS = "A contact can have at most 5 ContactPersons."


def wrong_status(noun: str) -> str:
    return f"{noun.capitalize()} not of valid status for modification"


def wrong_new_status(noun: str) -> str:
    return f"{noun.capitalize()} not of valid status for creation"


def payments_hold(status: str, noun: str = "invoice") -> str:
    held_by = "payments or credit notes allocated" if noun == "invoice" else "refunds or allocations tied"
    return f"The status {status} cannot be applied to the {noun} because it has {held_by} to it."


def type_unknown(*allowed: str) -> str:
    return f"The document Type must be {' or '.join(allowed)}."


def discount_refused(document_type: str) -> str:
    return f"Discounts are not supported on {document_type} documents."


def account_invalid(code: str) -> str:
    return f"Account code '{code}' is not a valid code for this document."


def account_archived(code: str) -> str:
    return f"Account code '{code}' has been archived and cannot be used on this document."


def account_removed(code: str) -> str:
    """A warning: on a draft the line is kept without its account."""
    return f"Account code '{code}' has been removed as it does not match a recognised account."


def tax_mismatch(tax_type: str, code: str) -> str:
    return f"The TaxType code '{tax_type}' cannot be used with account code '{code}'."


def tax_unknown(tax_type: str) -> str:
    return f"The TaxType code '{tax_type}' does not exist or cannot be used for this type of transaction."


def item_unknown(code: str) -> str:
    return f"Item code '{code}' is not valid."


def tracking_unknown(category: str, option: str) -> str:
    return f"Tracking option '{option}' of tracking category '{category}' could not be found."


def tracking_archived(category: str, option: str) -> str:
    return f"Tracking option '{option}' of tracking category '{category}' is archived."


def line_unknown(line_id: str) -> str:
    return f"The LineItemID {line_id} does not belong to this document."


def line_total_mismatch(sent: object, expected: object) -> str:
    return f"The line total {sent} does not match the expected line total {expected}"


def currency_missing(code: str) -> str:
    return f"Organisation is not subscribed to currency {code}"


def name_taken(name: str) -> str:
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def contact_number_taken(number: str) -> str:
    return f"The contact number {number} is already assigned to another contact."


def too_long(field: str, limit: int) -> str:
    return f"The {field} field cannot be longer than {limit} characters."


def date_locked(lock: str, day: date) -> str:
    return f"The document date cannot be before the {lock}, currently set at {day:%d %b %Y}"


def edit_locked(lock: str) -> str:
    return f"This document cannot be edited as it is currently dated before the {lock}"


def key_reused(key: str) -> str:
    return f"Idempotency Key: {key} is used with a different request."


def key_too_long(key: str) -> str:
    return f"Idempotency Key: {key} has {len(key)} characters; the maximum is 128."
