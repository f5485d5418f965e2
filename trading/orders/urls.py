"""Order pages."""

from django.urls import path

from .views import modify, orders, ticket, trades

app_name = "orders"

urlpatterns = [
    path("", orders.OrderListView.as_view(), name="list"),
    path("ticket/", ticket.TicketView.as_view(), name="ticket"),
    path("preview/", ticket.PreviewView.as_view(), name="preview"),
    path("submit/", ticket.SubmitView.as_view(), name="submit"),
    path("trades/", trades.TradeListView.as_view(), name="trades"),
    path("cancel-all/", orders.OrderCancelAllView.as_view(), name="cancel_all"),
    path("standing/", trades.StandingView.as_view(), name="standing"),
    path("marks/<str:key>/", trades.ChartMarksView.as_view(), name="marks"),
    path("<uuid:order_id>/", orders.OrderDetailView.as_view(), name="detail"),
    path("<uuid:order_id>/result/", orders.OrderResultView.as_view(), name="result"),
    path("<uuid:order_id>/modify/", modify.OrderModifyView.as_view(), name="modify"),
    path("<uuid:order_id>/modify/preview/", modify.ModifyPreviewView.as_view(), name="modify_preview"),
    path("positions/<uuid:position_id>/close/", orders.PositionCloseView.as_view(), name="position_close"),
    path("<uuid:order_id>/cancel/", orders.OrderCancelView.as_view(), name="cancel"),
]
