"""Which addresses are sent to."""

import pytest

from headwater.alerts.address_guard import AddressGuard, AddressRefused

PRIVATE = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
)
NEVER = ("169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "ff02::1")  # noqa: S104
PUBLIC = ("1.1.1.1", "2606:4700::1111")


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_ones_where_it_is_allowed(ip: str) -> None:
    AddressGuard(allows_private=True).check(ip)

    with pytest.raises(AddressRefused, match="HEADWATER_ALERT_PRIVATE_ADDRESSES"):
        AddressGuard(allows_private=False).check(ip)


@pytest.mark.parametrize("ip", NEVER)
@pytest.mark.parametrize("allows_private", [True, False])
def test_those_of_no_receiver_never(ip: str, allows_private: bool) -> None:  # noqa: FBT001
    with pytest.raises(AddressRefused, match="never sent to"):
        AddressGuard(allows_private=allows_private).check(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_ones_always(ip: str) -> None:
    AddressGuard(allows_private=False).check(ip)


@pytest.mark.parametrize("name", ["127.1", "2130706433", "0x7f.1", "localhost"])
def test_other_spellings_are_judged_by_what_they_lead_to(name: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard(allows_private=False).addresses(name, 80)
