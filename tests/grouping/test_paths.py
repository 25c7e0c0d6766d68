"""Files named relative to their project."""

import pytest

from headwater.grouping.paths import project_path, without_root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/runner/work/shop/shop/src/cart.ts", "src/cart.ts"),
        ("/app/src/cart.ts", "src/cart.ts"),
        ("file:///usr/src/app/src/cart.ts", "src/cart.ts"),
        ("/var/task/src/cart.ts", "src/cart.ts"),
        ("/builds/acme/shop/src/cart.ts", "src/cart.ts"),
        ("/Users/ann/shop/src/cart.ts", "shop/src/cart.ts"),
        ("C:/Users/ann/shop/src/cart.ts", "shop/src/cart.ts"),
        ("/srv/shop/releases/20261101120000/src/cart.ts", "src/cart.ts"),
        ("/srv/shop/current/src/cart.ts", "src/cart.ts"),
        ("src/app/cart.ts", "src/app/cart.ts"),
        ("src/current/cart.ts", "src/current/cart.ts"),
        ("https://h/releases/7/cart.js", "https://h/releases/7/cart.js"),
        ("app:///app/cart.js", "app:///app/cart.js"),
    ],
)
def test_the_folder_that_a_host_keeps_projects_in_does_not_count(path: str, expected: str) -> None:
    assert without_root(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/python3.11/site-packages/django/core/x.py", "django/core/x.py"),
        ("/usr/local/bundle/gems/activerecord-7.0.4/lib/active_record.rb", "activerecord/lib/active_record.rb"),
        ("/root/go/pkg/mod/github.com/acme/x@v1.2.3/x.go", "github.com/acme/x/x.go"),
        ("app/models/cart.rb", "app/models/cart.rb"),
        ("/var/www/html/src/Cart.php", "src/Cart.php"),
        ("/var/www/html/src/Cart.php(12) : eval()'d code", "src/Cart.php"),
        ("/app/storage/framework/views/0123456789abcdef0123456789abcdef01234567.php", "storage/framework/views/.php"),
        ("C:\\agent\\src\\Cart.cs", "agent/src/Cart.cs"),
        ("package:shop/cart.dart", "shop/cart.dart"),
        ("lib/shop/cart.ex", "lib/shop/cart.ex"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_written_file_without_host_versions_and_hashes(path: str, expected: str) -> None:
    assert project_path(path) == expected
