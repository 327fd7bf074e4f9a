"""Name, password, and where one is signed in."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from core.testing import assert_queries, capture_commits
from identity.browsers import described
from identity.models import SignIn
from identity.passwords import ABOUT_YOU, EASY
from tests.factories.people import signed_in
from tests.factories.workspaces import make_workspace
from workspaces.models import User

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "a long password", "harbour ferry lantern"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
)


@pytest.fixture
def ana(db: None) -> User:
    user = make_workspace(name="Harbour Bakery", email="ana@example.com").memberships.get().user
    user.name = "Ana Featherstone"
    user.save()
    return user


@pytest.fixture
def client(ana: User) -> Client:
    return signed_in(ana)


def _change(client: Client, *, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> object:
    with capture_commits():
        form = {"current": current, "new": new, "again": new if again is None else again}
        return client.post("/accounts/password/change/", form)


def test_name_is_changed(client: Client, ana: User) -> None:
    client.post("/accounts/", {"name": "Ana N."})

    ana.refresh_from_db()
    assert ana.name == "Ana N."


def test_empty_name_is_refused(client: Client) -> None:
    assert client.post("/accounts/", {"name": " "}).status_code == 422


def test_password_is_changed_and_the_owner_is_told(client: Client, ana: User) -> None:
    _change(client)

    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert [message.to for message in mail.outbox] == [[ana.email]]
    assert "password was changed" in mail.outbox[0].body


def test_password_change_signs_out_everywhere_else_and_nobody_here(client: Client, ana: User) -> None:
    other = signed_in(ana)

    _change(client)

    assert len(client.get("/accounts/sessions/").context["sign_ins"]) == 1  # before the other one comes again
    assert [browser.get("/accounts/").status_code for browser in (client, other)] == [200, 302]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"current": "guess"}, "This is not your password."),
        ({"again": "another"}, "This is not the same as above."),
        ({"new": "Xero1234"}, "too short"),
        ({"new": "Password1234"}, EASY),
        ({"new": "qwertyuiop12"}, EASY),
    ],
)
def test_password_is_refused_with_a_sentence(client: Client, typed: dict[str, str], sentence: str) -> None:
    response = _change(client, **typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()


@pytest.mark.parametrize(
    "password",
    [
        "Xero12345678",
        "TandemTandem9",
        "HarbourBakery2024",
        "featherstone!ana7",
        "ana@example.com",
        "X3ro1234!!",
    ],
)
def test_password_made_of_what_anybody_knows_is_refused(client: Client, password: str) -> None:
    text = _change(client, new=password).content.decode()

    assert ABOUT_YOU in text or EASY in text


def test_password_of_words_that_do_not_belong_together_is_taken_though_one_is_known(client: Client) -> None:
    assert _change(client, new="harbour correct staple lantern").status_code == 302


def test_endless_password_costs_nothing(client: Client) -> None:
    """The score's cost grows with the square of the length."""
    assert _change(client, new="x1!" * 4000).status_code == 422


def test_sign_ins_are_listed_with_their_browser(ana: User) -> None:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.9")
    client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})

    text = client.get("/accounts/sessions/").content.decode()

    assert ("Firefox on Windows" in text, "203.0.113.9" in text, "This one" in text) == (True, True, True)


def test_only_who_is_signed_in_elsewhere_is_asked_about_it(client: Client, ana: User) -> None:
    alone = client.get("/accounts/sessions/").content.decode()
    signed_in(ana)
    not_alone = client.get("/accounts/sessions/").content.decode()

    question = "Is there one you do not know?"
    assert (question in alone, question in not_alone) == (False, True)


@pytest.mark.parametrize(
    ("header", "words"), [(FIREFOX, "Firefox on Windows"), (EDGE, "Edge on a Mac"), ("curl/8", "A browser")]
)
def test_browser_is_told_in_its_owners_words(header: str, words: str) -> None:
    assert described(header) == words


def test_one_other_sign_in_is_ended(client: Client, ana: User) -> None:
    other = signed_in(ana)
    row = SignIn.objects.get(session_key=other.session.session_key)

    client.post(f"/accounts/sessions/{row.pk}/end/")

    assert [browser.get("/accounts/").status_code for browser in (client, other)] == [200, 302]


def test_all_other_sign_ins_are_ended(client: Client, ana: User) -> None:
    others = [signed_in(ana), signed_in(ana)]

    client.post("/accounts/sessions/others/end/")

    assert [browser.get("/accounts/").status_code for browser in (client, *others)] == [200, 302, 302]


def test_sign_in_of_somebody_else_cannot_be_ended(client: Client, stranger: User) -> None:
    theirs = signed_in(stranger)
    row = SignIn.objects.get(user=stranger)

    assert client.post(f"/accounts/sessions/{row.pk}/end/").status_code == 404
    assert theirs.get("/accounts/").status_code == 200


def test_sign_in_whose_session_has_ended_is_forgotten(client: Client, ana: User) -> None:
    signed_in(ana).post("/accounts/logout/")

    assert len(client.get("/accounts/sessions/").context["sign_ins"]) == 1
    signed_in(ana)
    assert SignIn.objects.filter(user=ana).count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_sign_ins_are_listed_in_three_queries(client: Client, ana: User, count: int) -> None:
    for _ in range(count - 1):
        signed_in(ana)

    with assert_queries(3):
        response = client.get("/accounts/sessions/")

    assert len(response.context["sign_ins"]) == count
