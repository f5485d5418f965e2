"""Order pages."""

from django.urls import path

from .views import builder, groups, modify, orders, positions, ticket, trades

app_name = "orders"

urlpatterns = [
    path("", orders.OrderListView.as_view(), name="list"),
    path("ticket/", ticket.TicketView.as_view(), name="ticket"),
    path("preview/", ticket.PreviewView.as_view(), name="preview"),
    path("submit/", ticket.SubmitView.as_view(), name="submit"),
    path("trades/", trades.TradeListView.as_view(), name="trades"),
    path("cancel-all/", positions.OrdersCancelAllView.as_view(), name="cancel_all"),
    path("groups/", groups.GroupListView.as_view(), name="groups"),
    path("groups/<uuid:group_id>/", groups.GroupDetailView.as_view(), name="group"),
    path("groups/<uuid:group_id>/cancel/", groups.GroupCancelView.as_view(), name="group_cancel"),
    path("baskets/", builder.BasketBuilderView.as_view(), name="basket_builder"),
    path("baskets/save/", builder.BasketSaveView.as_view(), name="basket_save"),
    path("baskets/<uuid:basket_id>/delete/", builder.BasketDeleteView.as_view(), name="basket_delete"),
    path("multi-leg/", builder.MultiLegBuilderView.as_view(), name="multi_leg_builder"),
    path("legs/", builder.LegView.as_view(), name="leg"),
    path("legs/search/", builder.LegSearchView.as_view(), name="leg_search"),
    path("legs/preview/", builder.GroupPreviewView.as_view(), name="group_preview"),
    path("legs/submit/", builder.GroupSubmitView.as_view(), name="group_submit"),
    path("standing/", trades.StandingView.as_view(), name="standing"),
    path("marks/<str:key>/", trades.ChartMarksView.as_view(), name="marks"),
    path("<uuid:order_id>/", orders.OrderDetailView.as_view(), name="detail"),
    path("<uuid:order_id>/result/", orders.OrderResultView.as_view(), name="result"),
    path("<uuid:order_id>/modify/", modify.OrderModifyView.as_view(), name="modify"),
    path("<uuid:order_id>/modify/preview/", modify.ModifyPreviewView.as_view(), name="modify_preview"),
    path("positions/close-all/", positions.PositionsCloseAllView.as_view(), name="close_all"),
    path("positions/<uuid:position_id>/close/", positions.PositionCloseView.as_view(), name="position_close"),
    path("positions/<uuid:position_id>/convert/", positions.PositionConvertView.as_view(), name="position_convert"),
    path("<uuid:order_id>/cancel/", orders.OrderCancelView.as_view(), name="cancel"),
]
