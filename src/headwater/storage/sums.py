"""Sums that are whole numbers on both databases."""

from sqlalchemy import BigInteger, ColumnElement, cast, func


def whole_sum(numbers: ColumnElement[int]) -> ColumnElement[int]:
    """Of whole numbers; NULL of none. PostgreSQL's own sum of bigints is a decimal number."""
    return cast(func.sum(numbers), BigInteger)
