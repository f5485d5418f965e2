"""The API of orders, triggers and trades, under /api/v1/."""

from django.urls import path

from .api import baskets, charges, groups, option_strategies, orders, positions, triggers

urlpatterns = [
    path("orders", orders.OrderListView.as_view(), name="orders"),
    path("orders/preview", orders.OrderPreviewView.as_view(), name="orders-preview"),
    path("orders/cancel-all", orders.OrderCancelAllView.as_view(), name="orders-cancel-all"),
    path("orders/<uuid:order_id>", orders.OrderDetailView.as_view(), name="order"),
    path("orders/<uuid:order_id>/preview", orders.OrderModifyPreviewView.as_view(), name="order-modify-preview"),
    path("orders/<uuid:order_id>/events", orders.OrderEventsView.as_view(), name="order-events"),
    path("triggers", triggers.TriggerListView.as_view(), name="triggers"),
    path("triggers/cancel-all", triggers.TriggerCancelAllView.as_view(), name="triggers-cancel-all"),
    path("triggers/<uuid:trigger_id>", triggers.TriggerDetailView.as_view(), name="trigger"),
    path("triggers/<uuid:trigger_id>/events", triggers.TriggerEventsView.as_view(), name="trigger-events"),
    path("accounts/<uuid:account_id>/charges", charges.DayChargesView.as_view(), name="account-charges"),
    path("trades", orders.TradeListView.as_view(), name="trades"),
    path("orders/basket", groups.BasketOrderView.as_view(), name="orders-basket"),
    path("orders/basket/preview", groups.BasketPreviewView.as_view(), name="orders-basket-preview"),
    path("orders/multi-leg", groups.MultiLegOrderView.as_view(), name="orders-multi-leg"),
    path("orders/multi-leg/preview", groups.MultiLegPreviewView.as_view(), name="orders-multi-leg-preview"),
    path("orders/options", groups.OptionOrderView.as_view(), name="orders-options"),
    path("orders/target", groups.TargetOrderView.as_view(), name="orders-target"),
    path("order-groups", groups.GroupListView.as_view(), name="order-groups"),
    path("order-groups/<uuid:group_id>", groups.GroupDetailView.as_view(), name="order-group"),
    path("baskets", baskets.KeptBasketListView.as_view(), name="baskets"),
    path("baskets/<uuid:basket_id>", baskets.KeptBasketDetailView.as_view(), name="basket"),
    path("options/payoff", option_strategies.PayoffView.as_view(), name="options-payoff"),
    path("options/shapes", option_strategies.ShapeListView.as_view(), name="options-shapes"),
    path("options/shapes/<str:shape>", option_strategies.ShapeDetailView.as_view(), name="options-shape"),
    path("options/strategies", option_strategies.KeptStrategyListView.as_view(), name="options-strategies"),
    path(
        "options/strategies/<uuid:strategy_id>",
        option_strategies.KeptStrategyDetailView.as_view(),
        name="options-strategy",
    ),
    path("positions/close-all", positions.PositionsCloseAllView.as_view(), name="positions-close-all"),
    path("positions/<uuid:position_id>/close", positions.PositionCloseView.as_view(), name="position-close"),
    path("positions/<uuid:position_id>/convert", positions.PositionConvertView.as_view(), name="convert"),
]
