"""What a database's refusal is taken for."""

import pytest
from sqlalchemy.exc import OperationalError

from headwater.storage.database import is_hindered


class _Refusal(Exception):
    """As PostgreSQL's driver has it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "expected"),
    [
        ("40P01", True),  # deadlock_detected
        ("40001", True),  # serialization_failure
        ("53100", True),  # disk_full
        ("57P01", True),  # admin_shutdown
        ("25006", True),  # read_only_sql_transaction: a replica
        ("25P03", True),  # idle_in_transaction_session_timeout
        ("42P01", False),  # undefined_table: ours or another version's, which the digest looks up
        ("42501", True),  # insufficient_privilege
        ("23505", False),  # unique_violation
        ("XX000", False),  # internal_error: what was asked may be the cause
        (None, False),  # a connection that broke: the server may have died of what was asked
    ],
)
def test_who_is_at_fault(sqlstate: str | None, *, expected: bool) -> None:
    error = OperationalError("INSERT", {}, _Refusal(sqlstate))

    assert is_hindered(error) is expected
