"""The API of orders, triggers and trades, under /api/v1/."""

from django.urls import path

from . import api, trigger_api

urlpatterns = [
    path("orders", api.OrderListView.as_view(), name="orders"),
    path("orders/preview", api.OrderPreviewView.as_view(), name="orders-preview"),
    path("orders/cancel-all", api.OrderCancelAllView.as_view(), name="orders-cancel-all"),
    path("orders/<uuid:order_id>", api.OrderDetailView.as_view(), name="order"),
    path("orders/<uuid:order_id>/events", api.OrderEventsView.as_view(), name="order-events"),
    path("triggers", trigger_api.TriggerListView.as_view(), name="triggers"),
    path("triggers/cancel-all", trigger_api.TriggerCancelAllView.as_view(), name="triggers-cancel-all"),
    path("triggers/<uuid:trigger_id>", trigger_api.TriggerDetailView.as_view(), name="trigger"),
    path("triggers/<uuid:trigger_id>/events", trigger_api.TriggerEventsView.as_view(), name="trigger-events"),
    path("trades", api.TradeListView.as_view(), name="trades"),
    path("positions/<uuid:position_id>/close", api.PositionCloseView.as_view(), name="position-close"),
]
