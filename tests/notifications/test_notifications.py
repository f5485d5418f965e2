"""One's own notifications: on the page, over the API, and nobody else's."""

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.streams import head
from core.tenancy import tenant_scope
from notifications.models import Notification, NotificationKind
from notifications.services import notification_send, stream_of
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def tell(membership: Membership, title: str = "Bought 10 NSE:RELIANCE", link: str = "") -> Notification:
    with tenant_scope(membership.organisation_id):
        return notification_send(
            organisation_id=membership.organisation_id,
            user_id=membership.user_id,
            kind=NotificationKind.TRADE_EXECUTED,
            title=title,
            link=link,
        )


@pytest.fixture
def trader() -> Membership:
    return make_member(Role.TRADER)


def test_what_is_sent_is_listed_newest_first_and_told_on_the_users_stream(trader: Membership) -> None:
    tell(trader, "first")
    tell(trader, "second")
    listed = client_of(trader).get("/api/v1/notifications").json()["results"]
    assert [one["title"] for one in listed] == ["second", "first"]
    with tenant_scope(trader.organisation_id):
        stream = head(stream_of(organisation_id=trader.organisation_id, user_id=trader.user_id))
    assert stream is not None
    assert stream.seq == 2


def test_reading_twice_keeps_the_first_reading(trader: Membership) -> None:
    path = f"/api/v1/notifications/{tell(trader).pk}/read"
    first = client_of(trader).post(path).json()["read_at"]
    assert first is not None
    assert client_of(trader).post(path).json()["read_at"] == first


def test_reading_all_leaves_none_unread(trader: Membership) -> None:
    tell(trader)
    tell(trader)
    client = client_of(trader)
    assert client.get("/notifications/unread/").content == b"2"
    assert client.post("/api/v1/notifications/read-all").status_code == 204
    assert client.get("/notifications/unread/").content == b""
    assert client.get("/api/v1/notifications?unread=true").json()["results"] == []


@pytest.mark.parametrize("link", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_opening_leads_to_our_own_pages_only(trader: Membership, link: str) -> None:
    own, foreign = tell(trader, link="/orders/"), tell(trader, link=link)
    client = client_of(trader)
    assert client.post(f"/notifications/{own.pk}/").headers["Location"] == "/orders/"
    assert client.post(f"/notifications/{foreign.pk}/").headers["Location"] == "/notifications/"


def test_neither_a_colleague_nor_an_outsider_sees_or_reads_it(trader: Membership) -> None:
    notification = tell(trader, "Only for the trader")
    for stranger in (make_member(Role.OWNER, trader.organisation), make_member(Role.TRADER)):
        client = client_of(stranger)
        assert client.get("/api/v1/notifications").json()["results"] == []
        assert b"Only for the trader" not in client.get("/notifications/").content
        assert client.post(f"/api/v1/notifications/{notification.pk}/read").status_code == 404
        assert client.post(f"/notifications/{notification.pk}/").status_code == 404
    with tenant_scope(trader.organisation_id):
        assert Notification.objects.get(pk=notification.pk).read_at is None
