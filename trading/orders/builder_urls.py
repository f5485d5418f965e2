"""The strategy builder."""

from django.urls import path

from .views import strategies

app_name = "builder"

urlpatterns = [
    path("", strategies.StrategyBuilderView.as_view(), name="builder"),
    path("chain/", strategies.ChainView.as_view(), name="chain"),
    path("legs/", strategies.LegsView.as_view(), name="legs"),
    path("analysis/", strategies.AnalysisView.as_view(), name="analysis"),
    path("order/", strategies.OrderView.as_view(), name="order"),
    path("keep/", strategies.StrategyKeepView.as_view(), name="keep"),
    path("kept/<uuid:strategy_id>/forget/", strategies.StrategyForgetView.as_view(), name="forget"),
]
