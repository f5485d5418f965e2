"""What beat is told to run exists, and runs."""

from django.conf import settings

from config.celery import app
from tests.orders.desk import Desk, show_book
from trading.orders.models import Order
from trading.orders.services import order_submit
from trading.orders.tasks import expire, sweep_paper


def test_every_scheduled_task_is_registered() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_sweep_matches_what_the_listener_missed(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(price="99.50"))
    show_book(asks=(("99.50", 100),))
    assert sweep_paper.apply().get() == 10
    assert expire.apply().get() == 0
    assert Order.objects.get().status == "FILLED"
