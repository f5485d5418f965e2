"""Files in the desk's folder are strategies like any other, and a bad one takes no other away."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from trading.strategies import registry

GOOD = """
from trading.strategies.domain import Strategy, integer
class Mine(Strategy):
    key = "from_a_file"
    title = "From a file"
    length = integer("Length", 7, minimum=2, maximum=50)
    def on_bar(self, ctx, bar):
        ctx.log("bar")
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.STRATEGY_FOLDER = str(tmp_path)
    return tmp_path


def test_a_good_file_is_listed_and_a_bad_one_is_told_with_its_line(folder: Path) -> None:
    (folder / "a_good.py").write_text(GOOD)
    (folder / "b_import.py").write_text("import os\n" + GOOD)
    (folder / "c_broken.py").write_text("\nx = 1 / 0")
    (folder / "d_latin.py").write_bytes(b"# \xff\n")
    (folder / "e_same_key.py").write_text(GOOD)
    (folder / "notes.txt").write_text("not Python")
    found = registry.gathered(registry._folder())
    (listed,) = found.listed
    assert (listed.strategy.key, listed.origin, listed.source) == (
        "from_a_file",
        registry.Origin.FOLDER,
        "a_good.py",
    )
    assert listed.strategy(length="9").values == {"length": 9}
    reasons = {fault.source: fault.reasons[0] for fault in found.faults}
    assert reasons["b_import.py"] == "line 1: `os` cannot be imported here."
    assert reasons["c_broken.py"] == "line 2: ZeroDivisionError: division by zero"
    assert "cannot be read" in reasons["d_latin.py"]
    assert reasons["e_same_key.py"] == "The key `from_a_file` is taken by a_good.py."
    assert set(reasons) == {"b_import.py", "c_broken.py", "d_latin.py", "e_same_key.py"}


def test_a_folder_that_is_not_there_is_told(settings: Settings) -> None:
    settings.STRATEGY_FOLDER = "/nowhere/at/all"
    assert registry.gathered(registry._folder()).faults == (
        registry.Fault("/nowhere/at/all", ("There is no such folder.",)),
    )


def test_without_a_folder_there_is_nothing_to_look_at(settings: Settings) -> None:
    settings.STRATEGY_FOLDER = ""
    assert list(registry._folder()) == []
