"""What a result is held against: chance, and other runs."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import query_of
from core.money import rupee_text

from ..domain.monte_carlo import MOST_SIMULATIONS, Method, Plan
from ..models import Run
from ..selectors.comparison import MOST, comparison
from ..selectors.results import monte_carlo
from ..selectors.runs import run_get, run_shape
from ..serializers.runs import LARGEST_SEED, RunSerializer
from . import examples


class SimulationQuery(serializers.Serializer[Any]):
    """How trades are mixed: resampled, in blocks of five, or shuffled."""

    simulations = serializers.IntegerField(required=False, default=2_000, min_value=1, max_value=MOST_SIMULATIONS)
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=LARGEST_SEED)
    resampling = serializers.ChoiceField(
        choices=[each.value for each in Method], required=False, default=Method.RESAMPLE.value
    )


class SimulationSerializer(serializers.Serializer[Any]):
    """Percentiles over the paths: `bands` has a row a level, a value for each of `trades`, in rupees."""

    levels = serializers.ListField(child=serializers.FloatField())
    trades = serializers.ListField(child=serializers.IntegerField())
    bands = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    final = serializers.ListField(child=serializers.CharField())
    drawdown = serializers.ListField(child=serializers.FloatField())
    chance_of_loss = serializers.FloatField()
    chance_of_ruin = serializers.FloatField(help_text="paths that fell to half the capital")
    simulations = serializers.IntegerField()


class MonteCarloView(TenantAPIView):
    """A result's trades, left to chance."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_monte_carlo",
        tags=["backtests"],
        parameters=[SimulationQuery],
        responses=SimulationSerializer,
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """What else the trades could have come to; the same seed gives the same paths. `simulations_no_trades`."""
        asked = query_of(request, SimulationQuery)
        run = run_get(self.actor, backtest_id, Run.Kind.BACKTEST)
        plan = Plan(simulations=asked["simulations"], seed=asked["seed"], method=Method(asked["resampling"]))
        found = monte_carlo(run, plan)
        return Response(
            {
                "levels": list(found.levels),
                "trades": found.trades.tolist(),
                "bands": [[rupee_text(round(each)) for each in band] for band in found.bands.tolist()],
                "final": [rupee_text(round(each)) for each in found.final.tolist()],
                "drawdown": found.drawdown.tolist(),
                "chance_of_loss": found.chance_of_loss,
                "chance_of_ruin": found.chance_of_ruin,
                "simulations": found.simulations,
            }
        )


class CompareQuery(serializers.Serializer[Any]):
    """Which runs, by their ids, parted by commas."""

    ids = serializers.CharField(max_length=MOST * 37)

    def validate_ids(self, value: str) -> list[UUID]:
        """Up to six ids."""
        try:
            found = [UUID(word) for word in value.split(",")]
        except ValueError as error:
            raise serializers.ValidationError("Must be ids, parted by commas.") from error
        if len(found) > MOST:
            raise serializers.ValidationError(f"At most {MOST} runs.")
        return found


class CompareSerializer(serializers.Serializer[Any]):
    """Runs with their figures, and growth (per cent) by day: `rows` are `[date, run, run, …]`."""

    runs = RunSerializer(many=True)
    rows = serializers.ListField(child=serializers.ListField())


class CompareView(TenantAPIView):
    """Several runs side by side."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_compare",
        tags=["backtests"],
        parameters=[CompareQuery],
        responses=CompareSerializer,
        examples=[examples.one("one", {"runs": [examples.RUN], "rows": [["2022-01-03", 0.24]]})],
    )
    def get(self, request: Request) -> Response:
        """Finished runs by `ids`; what is not yours or not finished is left out."""
        found = comparison(self.actor, query_of(request, CompareQuery)["ids"])
        return Response({"runs": [run_shape(each.run) for each in found.compared], "rows": found.chart["rows"]})
