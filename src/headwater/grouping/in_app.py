"""Whether a frame is the user's own code, before anything is known of its original."""

import re
from collections.abc import Mapping
from typing import Final

JAVASCRIPT: Final = frozenset({"javascript", "node"})

_FOREIGN_SCRIPT: Final = re.compile(
    r"node_modules/|node:|internal/|(?:native|\[native code\]|<anonymous>)$|wasm://"
    r"|(?:chrome|moz|safari|safari-web|ms-browser)-extension://"
    r"|https?://(?:unpkg\.com|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|esm\.(?:run|sh))/",
)

_PACKAGES: Final = (
    r"/(?:site|dist)-packages/|/lib/python\d[\d.]*/|^<frozen |/gems/|/lib/ruby/|^<internal:|/vendor/"
    r"|^\[internal\]|/pkg/mod/|/go/src/|/usr/local/go/|/rustc/|/\.cargo/|/deps/|^dart:|^package:flutter"
    r"|^/usr/(?:lib|include)/|^/(?:System/)?Library/|/\.pub-cache/"
)
_FOREIGN_FILE: Final = re.compile(_PACKAGES)

_FOREIGN_NAMES: Final[Mapping[str, re.Pattern[str]]] = {
    "java": re.compile(
        r"(?:javax?|jakarta|jdk|sun|com\.sun|kotlinx?|scala|groovy|clojure|androidx?|com\.android|dalvik"
        r"|org\.(?:springframework|apache|hibernate|jboss|eclipse|junit|slf4j|codehaus|jetbrains"
        r"|postgresql|gradle|mockito)|io\.(?:netty|reactivex|sentry|micrometer|undertow|vertx|ktor)"
        r"|reactor|okhttp3|okio|retrofit2|akka|ch\.qos\.logback"
        r"|com\.(?:google\.(?:common|gson|inject|android)|fasterxml|zaxxer|mysql))\."
    ),
    "csharp": re.compile(
        r"(?:System|Microsoft|mscorlib|Windows|Newtonsoft|Npgsql|NUnit|Xunit|Sentry|Serilog|UnityEngine)"
        r"(?:\.|$)"
    ),
    "go": re.compile(
        r"(?:runtime|net|reflect|testing|sync|syscall|internal|database|encoding|fmt|io|os|bufio|bytes"
        r"|context|crypto|errors|html|log|math|sort|strconv|strings|text|time|golang\.org/x)(?:/|\.|$)"
        r"|github\.com/(?:getsentry|gin-gonic|labstack|gorilla)/"
    ),
    "rust": re.compile(
        r"<?(?:std|core|alloc|tokio|futures\w*|backtrace|sentry\w*|hyper|tower\w*|rayon\w*|actix\w*|axum"
        r"|tracing\w*|test|panic_unwind)::|rust_|__rust|_?_libc_|_start$|_?main$|clone\d?$"
    ),
    "elixir": re.compile(
        r"(?:Elixir\.)?(?:Plug|Phoenix|Ecto|Enum|Stream|GenServer|Task|Supervisor|DBConnection|Sentry|Logger"
        r"|Bandit|Cowboy)(?:\.|$)|:?(?:gen_\w+|proc_lib|supervisor|cowboy\w*|lists|maps|timer|erl_\w+)(?:\.|$)"
    ),
    "python": re.compile(
        r"(?:asyncio|concurrent|threading|multiprocessing|importlib|runpy|django|flask|werkzeug|celery"
        r"|starlette|fastapi|uvicorn|gunicorn|sqlalchemy|requests|urllib3|sentry_sdk)(?:\.|$)"
    ),
    "php": re.compile(r"(?:Illuminate|Symfony|Laravel|Doctrine|GuzzleHttp|Monolog|Sentry|PHPUnit)\\"),
}  # fmt: skip


def is_foreign_script(path: str) -> bool:
    """Foreign whatever the SDK says, for it knows no better: the runtime, extensions, public CDNs and
    node_modules."""
    return "/node_modules/" in path or _FOREIGN_SCRIPT.match(path) is not None


def is_own_code(platform: str, path: str, name: str, *, said_by_sdk: bool | None) -> bool:
    """As the SDK says. Where it says nothing, foreign are standard libraries and frameworks, by the
    file's path and by the qualified name."""
    if said_by_sdk is not None:
        return said_by_sdk
    if _FOREIGN_FILE.search(path):
        return False
    foreign = _FOREIGN_NAMES.get(platform)
    return foreign is None or not foreign.match(name)
