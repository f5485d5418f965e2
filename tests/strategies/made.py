"""Own strategies as they lie in the database, without a process having looked at them."""

from hashlib import sha256

from accounts.models import Membership
from core.clock import wall_now
from trading.marketdata.domain.bars import Interval
from trading.strategies.domain.strategy import Kind
from trading.strategies.models import StrategyCode, StrategyVersion
from trading.strategies.sandbox import Description
from trading.strategies.sandbox.reading import DocText

SOURCE = """
from trading.strategies.domain import Strategy
class Mine(Strategy):
    key = "{key}"
    title = "Mine"
    def on_bar(self, ctx, bar):
        ctx.target(share=0.5)
"""


def make_code(member: Membership, key: str) -> StrategyCode:
    """An own strategy with one version."""
    source, now = SOURCE.format(key=key), wall_now()
    description = Description(
        key=key,
        title="Mine",
        kind=Kind.CUSTOM,
        doc=DocText("", "", ""),
        intervals=(Interval.M5,),
        symbols_wanted=(1, 1),
        parameters=(),
        hooks=("on_bar",),
        is_signals=False,
        has_conflict=False,
    )
    writer = {"created_by": member.user, "updated_by": member.user, "created_at": now, "updated_at": now}
    code: StrategyCode = StrategyCode.objects.create(
        organisation=member.organisation, key=key, title="Mine", kind="custom", **writer
    )
    StrategyVersion.objects.create(
        organisation=member.organisation,
        code=code,
        number=1,
        source=source,
        digest=sha256(source.encode()).hexdigest(),
        description=description.to_json(),
        saved_by=member.user,
        saved_at=now,
    )
    return code
