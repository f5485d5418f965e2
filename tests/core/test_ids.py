import time
from uuid import RFC_4122

from core.ids import new_id


def test_ids_are_version_7_and_unique() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}
    assert len(set(ids)) == len(ids)


def test_later_ids_sort_after_earlier_ones() -> None:
    earlier = new_id()
    time.sleep(0.002)
    assert new_id() > earlier
