"""Text in lines: where a long one is broken."""

from typing import Any

import pytest

from locking.text.fit import PROSE, folded, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("spin_lock(pgdat_resize_lock)", ["spin_lock(", "  pgdat_resize_lock)"]),
        ("write(zone.zone_start_pfn, 10)", ["write(zone.", "  zone_start_pfn, 10)"]),
        ("write(zone.pages_here, 1)", ["write(zone.pages_here,", "  1)"]),
        ("read(zone.zone_start_pfn_of_node)", ["read(zone.zone_start_", "  pfn_of_node)"]),
    ],
)
def test_a_name_is_broken_only_where_it_has_no_line_to_itself(text: str, lines: list[str]) -> None:
    assert folded(text, 22) == lines


@pytest.mark.parametrize("fit", [folded, wrapped])
def test_no_sentence_is_as_long_as_a_wide_terminal(fit: Any) -> None:
    lines = fit("one word after the other " * 20, 200)
    assert max(map(len, lines)) in range(PROSE - 10, PROSE + 1)
    assert max(map(len, fit("one word after the other " * 20, 72))) <= 72
