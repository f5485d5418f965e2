"""Ordered events to sockets: snapshot, then each event once, whatever the bus, the table or the client loses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import transaction

from accounts.domain.permissions import Role
from accounts.models import Membership
from core import streams
from core.bus import Bus, get_bus
from core.models import StreamEvent, StreamHead
from core.realtime.protocol import CloseCode
from core.streams import StreamMessage
from core.tenancy import system_scope, tenant_scope
from notifications.models import NotificationKind
from notifications.services import notification_send
from tests.factories import actor_for, make_account, make_member
from tests.realtime.conftest import Client, Server
from trading.portfolio.models import TradingAccount


@dataclass
class Desk:
    """A trader with an account, and how to make things happen in it."""

    trader: Membership
    account: TradingAccount

    @property
    def stream(self) -> str:
        return f"orders:{self.account.id}"

    def happen(self, *numbers: int) -> None:
        """Commit one order event per number."""
        with tenant_scope(self.account.organisation_id):
            for number in numbers:
                with transaction.atomic():
                    streams.append(
                        self.stream,
                        "order_update",
                        {"number": number},
                        organisation_id=self.account.organisation_id,
                    )

    def position(self) -> dict[str, Any]:
        """Where the stream stands."""
        with system_scope():
            head = streams.head(self.stream)
        assert head is not None
        return {"epoch": head.epoch, "seq": head.seq}


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    trader = make_member(Role.TRADER)
    return Desk(trader, make_account(trader))


@pytest.fixture
def client(server: Server, desk: Desk) -> Client:
    return server.open(actor=actor_for(desk.trader))


def subscribe(client: Client, desk: Desk) -> dict[str, Any]:
    client.send(action="subscribe", topic="orders", account=str(desk.account.id))
    return client.receive()


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["data"]["number"] for frame in frames if frame["event"] == "order_update"]


def test_a_snapshot_comes_first_and_then_each_event_in_order(client: Client, desk: Desk) -> None:
    desk.happen(1)
    snapshot = subscribe(client, desk)
    assert (snapshot["event"], snapshot["topic"], snapshot["data"]) == ("snapshot", "orders", [])
    assert {key: snapshot[key] for key in ("epoch", "seq")} == desk.position()

    desk.happen(2, 3, 4)
    frames = client.receive_all()
    assert numbers(frames) == [2, 3, 4]
    assert [frame["seq"] for frame in frames] == [2, 3, 4]
    assert {frame["account"] for frame in frames} == {str(desk.account.id)}


def test_the_first_event_of_a_stream_that_was_empty_arrives(client: Client, desk: Desk) -> None:
    assert subscribe(client, desk)["seq"] == 0
    desk.happen(1)
    assert numbers(client.receive_all()) == [1]


def test_the_path_of_an_account_subscribes_by_itself(server: Server, desk: Desk) -> None:
    client = server.open(f"/ws/orders/{desk.account.id}", actor=actor_for(desk.trader))
    assert client.receive()["event"] == "snapshot"
    desk.happen(1)
    assert client.receive()["event"] == "order_update"
    positions = server.open(f"/ws/positions/{desk.account.id}", actor=actor_for(desk.trader))
    assert positions.receive()["data"] == []


def test_after_a_drop_nothing_is_missing_and_nothing_doubled(server: Server, client: Client, desk: Desk) -> None:
    subscribe(client, desk)
    desk.happen(1, 2)
    seen = client.receive_all()
    client.connection.close()
    desk.happen(3, 4)

    back = server.open(actor=actor_for(desk.trader))
    last = {key: seen[-1][key] for key in ("epoch", "seq")}
    back.send(action="resume", topic="orders", account=str(desk.account.id), **last)
    desk.happen(5)
    assert numbers(seen + back.receive_all()) == [1, 2, 3, 4, 5]


def test_resuming_on_a_path_fills_only_what_its_snapshot_covered(server: Server, desk: Desk) -> None:
    desk.happen(1, 2)
    position = desk.position()
    desk.happen(3, 4)
    client = server.open(f"/ws/orders/{desk.account.id}", actor=actor_for(desk.trader))
    assert client.receive()["event"] == "snapshot"
    desk.happen(5)
    assert numbers([client.receive()]) == [5]
    client.send(action="resume", **position)
    assert numbers(client.receive_all()) == [3, 4]


def test_another_epoch_is_answered_by_a_reset_and_a_fresh_snapshot(client: Client, desk: Desk) -> None:
    desk.happen(1)
    client.send(action="resume", topic="orders", account=str(desk.account.id), epoch=str(uuid4()), seq=1)
    assert [frame["event"] for frame in client.receive_all()] == ["reset", "snapshot"]
    desk.happen(2)
    assert numbers(client.receive_all()) == [2]


def test_a_gap_that_is_too_old_is_answered_by_a_reset(client: Client, desk: Desk) -> None:
    desk.happen(1, 2, 3)
    with system_scope():
        StreamEvent.objects.filter(stream=desk.stream, seq=2).delete()
    epoch = desk.position()["epoch"]
    client.send(action="resume", topic="orders", account=str(desk.account.id), epoch=epoch, seq=1)
    assert [frame["event"] for frame in client.receive_all()] == ["reset", "snapshot"]


def test_a_position_from_the_future_is_answered_by_a_reset(client: Client, desk: Desk) -> None:
    desk.happen(1)
    future = {**desk.position(), "seq": 99}
    client.send(action="resume", topic="orders", account=str(desk.account.id), **future)
    assert client.receive()["event"] == "reset"


@dataclass
class DeafBus:
    """A bus that keeps the rings of streams to itself; the test decides what arrives, and when."""

    bus: Bus
    really_publish: Callable[[str, bytes], None]
    kept: list[bytes] = field(default_factory=list)

    def publish(self, channel: str, message: bytes) -> None:
        if channel == streams.CHANNEL:
            self.kept.append(message)
        else:
            self.really_publish(channel, message)

    def ring(self, *messages: bytes) -> None:
        for message in messages:
            self.really_publish(streams.CHANNEL, message)


@pytest.fixture
def deaf_bus(monkeypatch: pytest.MonkeyPatch) -> DeafBus:
    deaf = DeafBus(get_bus(), get_bus().publish)
    monkeypatch.setattr(deaf.bus, "publish", deaf.publish)
    return deaf


def test_lost_doubled_and_swapped_rings_change_nothing(client: Client, desk: Desk, deaf_bus: DeafBus) -> None:
    subscribe(client, desk)
    desk.happen(1, 2, 3, 4, 5)
    first, _lost, third, fourth, fifth = deaf_bus.kept
    deaf_bus.ring(first, first, fourth, third, fifth, fourth)
    assert numbers(client.receive_all()) == [1, 2, 3, 4, 5]


def test_when_the_last_ring_is_lost_the_sweep_finds_the_event(
    server: Server, desk: Desk, deaf_bus: DeafBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.realtime.stream_topic.SWEEP_SECONDS", 0.1)
    client = server.open(actor=actor_for(desk.trader))
    subscribe(client, desk)
    desk.happen(1)
    assert numbers([client.receive()]) == [1]


def test_a_stream_that_starts_anew_resets_its_followers(client: Client, desk: Desk) -> None:
    desk.happen(1)
    subscribe(client, desk)
    with system_scope():
        StreamEvent.objects.filter(stream=desk.stream).delete()
        StreamHead.objects.filter(stream=desk.stream).delete()
    desk.happen(7)
    assert [frame["event"] for frame in client.receive_all()] == ["reset", "snapshot"]


def test_outsiders_and_strangers_accounts_look_the_same(server: Server, desk: Desk) -> None:
    outsider = actor_for(make_member(Role.OWNER))
    for account in (desk.account.id, uuid4()):
        for topic in ("orders", "positions"):
            client = server.open(f"/ws/{topic}/{account}", actor=outsider)
            assert client.receive()["code"] == "unknown_account"
            assert client.close_code() == CloseCode.FORBIDDEN

            client = server.open(actor=outsider)
            client.send(action="subscribe", topic=topic, account=str(account))
            assert client.receive()["code"] == "unknown_account"
            client.send(action="resume", topic=topic, account=str(account), epoch="x", seq=0)
            assert client.receive()["code"] == "unknown_account"
            desk.happen(1)
            assert client.receive_all() == []


def test_a_colleague_sees_the_account_only_with_the_permission(server: Server, desk: Desk) -> None:
    organisation = desk.trader.organisation
    viewer = server.open(actor=actor_for(make_member(Role.VIEWER, organisation)))
    assert subscribe(viewer, desk)["event"] == "snapshot"
    other_trader = server.open(actor=actor_for(make_member(Role.TRADER, organisation)))
    assert subscribe(other_trader, desk)["code"] == "unknown_account"


def test_notifications_reach_their_user_and_nobody_else(server: Server, desk: Desk) -> None:
    mine = server.open("/ws/notifications", actor=actor_for(desk.trader))
    colleague = server.open("/ws/notifications", actor=actor_for(make_member(Role.OWNER, desk.trader.organisation)))
    for client in (mine, colleague):
        client.send(action="ping")
        client.receive("pong")
    with tenant_scope(desk.account.organisation_id), transaction.atomic():
        notification_send(
            organisation_id=desk.account.organisation_id,
            user_id=desk.trader.user_id,
            kind=NotificationKind.TRADE_EXECUTED,
            title="Bought 10 RELIANCE",
        )
    told = mine.receive()
    assert (told["event"], told["data"]["title"]) == ("trade_executed", "Bought 10 RELIANCE")
    assert colleague.receive_all() == []


def test_unsubscribed_streams_fall_silent(client: Client, desk: Desk) -> None:
    subscribe(client, desk)
    client.send(action="unsubscribe", topic="orders", account=str(desk.account.id))
    client.send(action="ping")
    client.receive("pong")
    desk.happen(1)
    assert client.receive_all() == []


def test_a_ring_out_of_another_epoch_does_not_unsettle_a_follower(
    client: Client, desk: Desk, deaf_bus: DeafBus
) -> None:
    subscribe(client, desk)
    desk.happen(1, 2)
    stray = StreamMessage(desk.stream, str(uuid4()), 9, "order_update", {"number": 99})
    deaf_bus.ring(deaf_bus.kept[0], msgspec.msgpack.encode(stray), deaf_bus.kept[1])
    assert numbers(client.receive_all()) == [1, 2]
