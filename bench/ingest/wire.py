"""Requests as SDKs write them: the head of each, in front of a body and behind it."""

from bench.ingest.issues import Kind

CHUNKED_END = b"\r\n0\r\n\r\n"


class Heads:
    """For one project of one server."""

    def __init__(self, host: str, project_id: int, key: str) -> None:
        path = f"/api/{project_id}/envelope/"
        query = f"?sentry_version=7&sentry_key={key}&sentry_client=sentry.javascript."
        browser = (
            f"POST {path}{query}react%2F11.12.0 HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n"
            'sec-ch-ua-platform: "Linux"\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) '
            "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n"
            'sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"\r\n'
            "Content-Type: text/plain;charset=UTF-8\r\nsec-ch-ua-mobile: ?0\r\nAccept: */*\r\n"
            "Origin: https://shop.example.com\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"
            "Sec-Fetch-Dest: empty\r\nReferer: https://shop.example.com/\r\n"
            "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
        )
        node = f"POST {path}{query}node%2F11.12.0 HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n"
        python = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n"
            "User-Agent: sentry.python.django/2.75.0\r\nX-Sentry-Auth: Sentry sentry_key="
            f"{key}, sentry_version=7, sentry_client=sentry.python.django/2.75.0\r\n"
            "Content-Type: application/x-sentry-envelope\r\n"
        )
        self._heads = {Kind.BROWSER: browser, Kind.NODE: node, Kind.PYTHON: python}

    def of(self, kind: Kind, size: int, *, is_compressed: bool, may_chunk: bool = True) -> bytes:
        """What comes before a body of that size; Node's SDK sends it as a chunk."""
        coding = "Content-Encoding: gzip\r\n" if is_compressed else ""
        if kind is Kind.NODE and may_chunk:
            length = f"Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n"
        else:
            length = f"Content-Length: {size}\r\n\r\n"
        return f"{self._heads[kind]}{coding}{length}".encode()

    def behind(self, kind: Kind, *, may_chunk: bool = True) -> bytes:
        """What comes after the body."""
        return CHUNKED_END if kind is Kind.NODE and may_chunk else b""
