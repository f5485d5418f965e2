"""The reference: the same rows as a tutorial serves them."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from trading.orders.models import Order
from trading.portfolio.models import LedgerBalance, Position


class OrderSerializer(ModelSerializer[Order]):
    class Meta:
        model = Order
        fields = "__all__"


class PositionSerializer(ModelSerializer[Position]):
    class Meta:
        model = Position
        fields = "__all__"


class BalanceSerializer(ModelSerializer[LedgerBalance]):
    class Meta:
        model = LedgerBalance
        fields = "__all__"


class OrderViewSet(ModelViewSet[Order]):
    queryset = Order.objects.order_by("-created_at")
    serializer_class = OrderSerializer


class PositionViewSet(ModelViewSet[Position]):
    queryset = Position.objects.order_by("-updated_at")
    serializer_class = PositionSerializer


class BalanceViewSet(ModelViewSet[LedgerBalance]):
    queryset = LedgerBalance.objects.all()
    serializer_class = BalanceSerializer


router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("positions", PositionViewSet, basename="position")
router.register("balances", BalanceViewSet, basename="balance")
urlpatterns = [path("", include(router.urls))]
