"""The API of orders, triggers and trades, under /api/v1/."""

from django.urls import path

from . import api, basket_api, charge_api, group_api, position_api, trigger_api

urlpatterns = [
    path("orders", api.OrderListView.as_view(), name="orders"),
    path("orders/preview", api.OrderPreviewView.as_view(), name="orders-preview"),
    path("orders/cancel-all", api.OrderCancelAllView.as_view(), name="orders-cancel-all"),
    path("orders/<uuid:order_id>", api.OrderDetailView.as_view(), name="order"),
    path("orders/<uuid:order_id>/preview", api.OrderModifyPreviewView.as_view(), name="order-modify-preview"),
    path("orders/<uuid:order_id>/events", api.OrderEventsView.as_view(), name="order-events"),
    path("triggers", trigger_api.TriggerListView.as_view(), name="triggers"),
    path("triggers/cancel-all", trigger_api.TriggerCancelAllView.as_view(), name="triggers-cancel-all"),
    path("triggers/<uuid:trigger_id>", trigger_api.TriggerDetailView.as_view(), name="trigger"),
    path("triggers/<uuid:trigger_id>/events", trigger_api.TriggerEventsView.as_view(), name="trigger-events"),
    path("accounts/<uuid:account_id>/charges", charge_api.DayChargesView.as_view(), name="account-charges"),
    path("trades", api.TradeListView.as_view(), name="trades"),
    path("orders/basket", group_api.BasketOrderView.as_view(), name="orders-basket"),
    path("orders/basket/preview", group_api.BasketPreviewView.as_view(), name="orders-basket-preview"),
    path("orders/multi-leg", group_api.MultiLegOrderView.as_view(), name="orders-multi-leg"),
    path("orders/multi-leg/preview", group_api.MultiLegPreviewView.as_view(), name="orders-multi-leg-preview"),
    path("orders/options", group_api.OptionOrderView.as_view(), name="orders-options"),
    path("orders/target", group_api.TargetOrderView.as_view(), name="orders-target"),
    path("order-groups", group_api.GroupListView.as_view(), name="order-groups"),
    path("order-groups/<uuid:group_id>", group_api.GroupDetailView.as_view(), name="order-group"),
    path("baskets", basket_api.KeptBasketListView.as_view(), name="baskets"),
    path("baskets/<uuid:basket_id>", basket_api.KeptBasketDetailView.as_view(), name="basket"),
    path("positions/close-all", position_api.PositionsCloseAllView.as_view(), name="positions-close-all"),
    path("positions/<uuid:position_id>/close", position_api.PositionCloseView.as_view(), name="position-close"),
    path("positions/<uuid:position_id>/convert", position_api.PositionConvertView.as_view(), name="convert"),
]
