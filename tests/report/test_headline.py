"""The headline is a conclusion: how many are safe, which, and whether what fails was expected."""

from locking.report.headline import headline
from locking.report.matrix import rows_of
from tests.page import checked


def test_it_counts_what_is_safe_and_names_it() -> None:
    assert headline(rows_of(checked.toy())) == (
        "4 of 5 placements are safe in both scenarios: whole (never in parallel), "
        "good (never in parallel), split (2 in parallel) and 1 more; 1 fails, which is unexpected; "
        "6 verdicts unexpected."
    )


def test_one_that_is_safe_is_named_with_what_it_allows() -> None:
    found = [row for row in rows_of(checked.toy()) if row.name in ("bare", "split")]
    assert headline(found).startswith(
        "1 of 2 placements is safe in both scenarios: split, 2 in parallel; 1 fails, "
    )


def test_one_model_that_fails_is_named_with_what_it_fails() -> None:
    assert headline(rows_of(checked.abba())) == "abba fails deadlock-free, which is unexpected."


def test_many_failing_properties_are_counted() -> None:
    said = headline(rows_of(checked.many(12)))
    assert said == "many fails way-001, way-003, way-005 and 3 more, which is unexpected."


def test_what_is_not_known_is_not_safe() -> None:
    said = headline(rows_of(checked.toy(limit=3)))
    assert said.startswith("None of 5 placements is known to be safe in both scenarios; 1 fails, ")
    assert "4 unknown" in said


def test_a_row_with_a_case_that_was_not_searched_is_not_safe() -> None:
    [row] = [row for row in rows_of(checked.toy()) if row.name == "good"]
    one, other = row.reports
    assert headline(rows_of([one]), [other.case]).startswith("good is not known to be safe")


def test_what_must_keep_nothing_is_not_called_safe() -> None:
    assert headline(rows_of(checked.block())) == "seen is possible."


def test_nothing_searched_is_said() -> None:
    assert headline(()) == "Nothing was searched to its end."
