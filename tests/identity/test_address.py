"""Another e-mail address: with the password, told to the old one, confirmed by the new one, once and within an hour."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from core.clock import database_now
from core.testing import capture_commits
from identity.models import AddressChange
from identity.services import LINK_LIFE, confirm_address_change
from tests.factories.people import LONG_AGO, signed_in, with_second_factor
from tests.factories.workspaces import make_user
from workspaces.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
PAGE = "/accounts/address/"


@pytest.fixture
def ana(db: None) -> User:
    return make_user("ana@example.com", name="Ana Ngata")


@pytest.fixture
def client(ana: User) -> Client:
    return signed_in(ana)


def _ask(client: Client, address: str = "new@example.com", password: str = PASSWORD) -> int:
    with capture_commits():
        return client.post(PAGE, {"address": address, "password": password}).status_code


def _link() -> str:
    sent = next(message for message in mail.outbox if message.subject.startswith("Confirm"))
    return re.search(r"https?://\S+", sent.body)[0].removeprefix(settings.SITE_URL)


def test_both_addresses_are_told_and_nothing_changes_yet(client: Client, ana: User) -> None:
    assert _ask(client) == 302

    ana.refresh_from_db()
    assert ana.email == "ana@example.com"
    assert [message.to for message in mail.outbox] == [["new@example.com"], ["ana@example.com"]]
    assert "If it was not you, change your password now" in mail.outbox[1].body
    assert "new@example.com" in client.get("/accounts/").content.decode()


def test_link_changes_the_address_when_its_button_is_pressed(client: Client, ana: User) -> None:
    _ask(client)
    opened = Client().get(_link())
    ana.refresh_from_db()
    assert (opened.status_code, ana.email) == (200, "ana@example.com")

    with capture_commits():
        Client().post(_link())

    ana.refresh_from_db()
    assert ana.email == "new@example.com"
    assert mail.outbox[-1].to == ["ana@example.com"]
    assert "was changed from ana@example.com to new@example.com" in mail.outbox[-1].body


def test_link_works_once(client: Client, ana: User) -> None:
    _ask(client)
    Client().post(_link())
    User.objects.filter(pk=ana.pk).update(email="ana@example.com")

    assert [Client().get(_link()).status_code, Client().post(_link()).status_code] == [410, 410]
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_link_lives_an_hour(client: Client, ana: User) -> None:
    _ask(client)
    hour_ago = database_now() - LINK_LIFE
    AddressChange.objects.update(created_at=hour_ago, expires_at=database_now())

    assert LINK_LIFE.total_seconds() == 3600
    assert Client().post(_link()).status_code == 410


def test_database_keeps_no_token_of_a_link(client: Client) -> None:
    _ask(client)

    token = _link().rstrip("/").rpartition("/")[2]
    assert token not in str(AddressChange.objects.values())


def test_wrong_password_changes_nothing_and_keeps_what_was_typed(client: Client) -> None:
    with capture_commits():
        response = client.post(PAGE, {"address": "new@example.com", "password": "guess"})

    assert (response.status_code, mail.outbox) == (422, [])
    assert "This is not your password." in response.content.decode()
    assert 'value="new@example.com"' in response.content.decode()


def test_borrowed_session_of_somebody_with_a_second_factor_does_not_do(ana: User) -> None:
    with_second_factor(ana)
    borrowed = signed_in(ana, proved=LONG_AGO)

    response = borrowed.post(PAGE, {"address": "thief@example.com", "password": PASSWORD})

    assert response["Location"].startswith("/accounts/two-factor/again/")
    assert not AddressChange.objects.exists()


def test_new_password_stops_a_change_that_waits(client: Client) -> None:
    _ask(client)
    client.post(
        "/accounts/password/change/",
        {"current": PASSWORD, "new": "harbour ferry lantern", "again": "harbour ferry lantern"},
    )

    assert Client().post(_link()).status_code == 410


def test_change_can_be_cancelled(client: Client) -> None:
    _ask(client)
    client.post("/accounts/address/cancel/")

    assert Client().post(_link()).status_code == 410


def test_address_of_somebody_else_cannot_be_had_and_the_page_does_not_tell(client: Client, ana: User) -> None:
    make_user("taken@example.com")
    assert _ask(client, "Taken@example.com") == 302

    assert "Waiting for taken@example.com" in client.get("/accounts/").content.decode()
    taken = next(message for message in mail.outbox if message.to == ["taken@example.com"])
    assert "/address/confirm/" not in taken.body


def test_address_taken_by_another_meanwhile_is_refused_with_a_sentence(client: Client, ana: User) -> None:
    _ask(client)
    make_user("new@example.com")

    response = Client().post(_link())

    assert response.status_code == 410
    assert "This address cannot be used any more." in response.content.decode()


def test_mails_are_not_sent_one_after_another(client: Client) -> None:
    assert [_ask(client, f"new{number}@example.com") for number in range(2)] == [302, 422]


def test_confirming_signs_out_everywhere_else(client: Client, ana: User) -> None:
    other = signed_in(ana)
    _ask(client)

    client.post(_link())

    assert [browser.get("/accounts/").status_code for browser in (client, other)] == [200, 302]


def test_second_list_of_addresses_holds_no_row(ana: User) -> None:
    """A person has one address. Whoever got a row in there received that person's reset links."""
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.create(user=ana, email="second@example.com")


def test_change_that_ends_before_it_begins_cannot_be_stored(ana: User) -> None:
    now = database_now()
    with pytest.raises(IntegrityError), transaction.atomic():
        AddressChange.objects.create(
            user=ana, address="x@example.com", token_hash="x", created_at=now, expires_at=now
        )


def test_two_who_open_the_link_at_once_confirm_it_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ask(client)
    token = _link().rstrip("/").rpartition("/")[2]
    confirm_address_change(token=token)

    with pytest.raises(Exception, match="no longer works"):
        confirm_address_change(token=token)
