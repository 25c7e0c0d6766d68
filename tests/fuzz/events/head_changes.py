"""Requests' heads made wrong on purpose: address, method, version, headers, lengths and chunks."""

from random import Random

from tests.fuzz.events.json_changes import TEXTS
from tests.fuzz.events.request import Request

PROJECTS = (
    "1", "2", "shop", "blog", "99", "", "1/..", "%31", "%2e%2e", "1%00", "é", "1" * 500, "SHOP",
)  # fmt: skip
ADDRESSES = (
    "envelope", "store", "security", "csp-report", "nel", "minidump", "unreal/{key}", "nothing", "Envelope",
    "envelope//", "envelope/x",
)  # fmt: skip
QUERIES = (
    "?sentry_key=" + "0" * 32, "?sentry_key=", "?sentry_key=a&sentry_key=b", "?%00", "?sentry_key=%ff%fe",
    "?" + "a=b&" * 3000, "?sentry_key=\t", "#x", "?dsn=http://a@b/1", "?sentry_key=é",
)  # fmt: skip
PATHS = ("/inlet", "/inlet/", "*", "/", "//", "/api/0/../1/envelope/")
NAMES = (
    "x-sentry-auth", "authorization", "content-type", "user-agent", "origin", "x-forwarded-for", "content-encoding",
    "x-a", "host",
)  # fmt: skip
METHODS = ("GET", "PUT", "OPTIONS", "HEAD", "post", "TRACE", "POST")
VERSIONS = ("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/1.1", "HTTP/0.9")
HEADERS = (
    ("expect", "100-continue"), ("connection", "close"), ("upgrade", "websocket"), ("connection", "upgrade"),
    ("transfer-encoding", "gzip"),
)  # fmt: skip
CHUNKED = ("chunked", "Chunked", "gzip, chunked", "chunked, chunked")
ENDS = (b"0\r\n\r\n", b"0\r\n\r\n", b"", b"0\r\nA: b\r\n\r\n", b"zz\r\n", b"-1\r\n")


def change_head(request: Request, random: Random) -> None:
    """One thing about it."""
    random.choice(WAYS)(request, random)


def _project(request: Request, random: Random) -> None:
    request.path = request.path.replace("/1/", f"/{random.choice(PROJECTS)}/")


def _address(request: Request, random: Random) -> None:
    request.path = request.path.replace("envelope", random.choice(ADDRESSES))


def _query(request: Request, random: Random) -> None:
    request.path = request.path.partition("?")[0] + random.choice(QUERIES)


def _path(request: Request, random: Random) -> None:
    path = request.path
    request.path = random.choice((*PATHS, "http://x" + path, path.replace("/", "//"), path.upper()))


def _header(request: Request, random: Random) -> None:
    odd = "".join(each for each in random.choice(TEXTS) if each not in "\n\r\0")
    text = odd.encode("utf-8", "replace").decode("latin-1")
    request.headers.append((random.choice(NAMES), text))


def _length(request: Request, random: Random) -> None:
    size = len(request.body)
    odd = ("0", "-1", "1", str(size + 1), str(size - 1), "9" * 20, "abc", "", str(2**31), "5, 5")
    length = random.choice(odd)
    request.headers = [each for each in request.headers if each[0] != "content-length"]
    request.headers += [("content-length", length)] if length else []


def _chunks(request: Request, random: Random) -> None:
    request.headers = [each for each in request.headers if each[0] != "content-length"]
    request.headers.append(("transfer-encoding", random.choice(CHUNKED)))
    body, size = request.body, random.choice((10, 1000, 100_000))
    places = range(0, min(len(body), size * 100), size)
    pieces = [body[at : at + size] for at in places]
    written = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    request.body = written + random.choice(ENDS)


def _method(request: Request, random: Random) -> None:
    request.method = random.choice(METHODS)
    request.version = random.choice(VERSIONS)
    request.headers.append(random.choice(HEADERS))


WAYS = (_project, _address, _query, _path, _header, _length, _chunks, _method)
