"""What results may be grouped by."""

from enum import StrEnum


class By(StrEnum):
    """What results are grouped by."""

    SYMBOL = "symbol"
    STRATEGY = "strategy"
    PRODUCT = "product"
    ACCOUNT = "account"
    DAY = "day"
    TAG = "tag"
    WEEKDAY = "weekday"
    HOUR = "hour"
