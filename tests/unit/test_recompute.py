"""The arithmetic of the check that computes results again: whole numbers, exactly."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa

from expectations.columns import UNIT, read_decimals
from expectations.recompute import share_of


def millionths(*texts: str | None) -> pa.ChunkedArray:
    values = [None if text is None else Decimal(text) for text in texts]
    return pa.chunked_array([pa.array(values, pa.decimal128(38, 6))])


def test_decimals_are_read_as_millionths():
    figures, is_known = read_decimals(millionths("1", None, "-0.000001", "9223372036854.775807"))
    assert figures.dtype.kind == "i"
    assert is_known.tolist() == [True, False, True, True]
    assert figures[is_known].tolist() == [UNIT, -1, 2**63 - 1]


def test_what_64_bits_do_not_hold_is_read_all_the_same():
    column = millionths("9223372036854.775808", "-90000000000000000000000000", "2", None)
    figures, is_known = read_decimals(column)
    assert figures[is_known].tolist() == [2**63, -90 * 10**30, 2 * UNIT]


def test_a_slice_of_a_column_is_read_from_its_own_beginning():
    figures, is_known = read_decimals(millionths("1", "2", "3").slice(1, 1))
    assert figures.tolist() == [2 * UNIT] and is_known.tolist() == [True]


def test_a_column_without_rows_has_no_figures():
    assert [len(part) for part in read_decimals(millionths())] == [0, 0]


def test_a_share_is_rounded_half_away_from_zero():
    pairs = [(1, 3), (2, 3), (-1, 3), (1, -200_000_000), (5, 8), (10**14, 7)]
    exact = [Decimal(100) * numerator / denominator for numerator, denominator in pairs]
    rounded = [share.quantize(Decimal("0.000001"), ROUND_HALF_UP) for share in exact]
    assert [Decimal(share) / UNIT for share in share_of(*np.array(pairs).T)] == rounded
