"""How much to trade."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of
from riskmgmt.domain.sizing import Method
from riskmgmt.selectors.sizing import SizingAnswer, SizingQuestion, position_size
from riskmgmt.serializers.sizing import SizingInput, SizingSerializer
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import Interval

_ANSWER = {
    "symbol": "NSE:RELIANCE",
    "method": "RISK_PER_TRADE",
    "quantity": 285,
    "lots": 285,
    "lot_size": 1,
    "orders": [285],
    "price": "1495.00",
    "capital": "1000000.00",
    "value": "426075.00",
    "risk": "9975.00",
    "percent": "1.00",
    "atr": None,
    "reason": "",
}


class PositionSizeView(TenantAPIView):
    """The sizing calculator."""

    permissions_required = {"POST": Permission.VIEW_RISK}

    @extend_schema(
        operation_id="risk_position_size",
        request=SizingInput,
        responses=SizingSerializer,
        examples=[
            OpenApiExample("answer", value=_ANSWER, response_only=True),
            OpenApiExample(
                "risk per trade",
                value={
                    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
                    "symbol": "NSE:RELIANCE",
                    "method": "RISK_PER_TRADE",
                    "percent": "1",
                    "price": "1495",
                    "stop_price": "1460",
                },
                request_only=True,
            ),
        ],
        tags=["risk"],
    )
    def post(self, request: Request) -> Response:
        """A size by one of four methods, in whole lots and in orders that the exchange takes. Writes nothing."""
        body = body_of(request, SizingInput)
        question = sizing_question(body)
        return Response(sizing_shape(question, position_size(actor=self.actor, question=question)))


_NAMED_OTHERWISE = frozenset({"account", "symbol", "method", "side", "atr_interval"})


def sizing_question(values: dict[str, Any]) -> SizingQuestion:
    """The question that checked values ask."""
    rest = {name: value for name, value in values.items() if name not in _NAMED_OTHERWISE}
    return SizingQuestion(
        account_id=values["account"],
        key=values["symbol"],
        method=Method(values["method"]),
        side=Side(values["side"]),
        atr_interval=Interval(values["atr_interval"]),
        **rest,
    )


def sizing_shape(question: SizingQuestion, answer: SizingAnswer) -> dict[str, Any]:
    """The answer as the API shows it."""
    size, ground = answer.size, answer.ground
    return {
        "symbol": question.key,
        "method": question.method.value,
        "quantity": size.quantity,
        "lots": size.lots,
        "lot_size": ground.lot_size,
        "orders": list(size.orders),
        "price": f"{ground.price:.2f}",
        "capital": f"{ground.capital:.2f}",
        "value": f"{size.value:.2f}",
        "risk": None if size.risk is None else f"{size.risk:.2f}",
        "percent": f"{size.percent:.2f}",
        "atr": None if answer.atr is None else f"{answer.atr:.2f}",
        "reason": size.reason,
    }
