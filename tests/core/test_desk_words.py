"""How the pages write figures that are stored as text."""

import pytest

from core.templatetags.desk import grouped


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("344190", "3,44,190"),
        ("1606000.5", "16,06,000.50"),
        ("29991.69", "29,991.69"),
        ("10.00", "10"),
        ("1.4", "1.40"),
        ("-0", "0"),
        ("ACTIVE", "ACTIVE"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_stored_figure_is_grouped_and_text_stays(stored: str | None, written: str) -> None:
    assert grouped(stored) == written
