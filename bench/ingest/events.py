"""Events with all that SDKs put beside the stack trace, none like another."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random

from bench.ingest.issues import Issue, Kind
from bench.ingest.words import AGENTS, NOUNS, VERBS, camel, package, version

USERS = 5_000
MAX_BREADCRUMBS = 100
"""As SDKs keep them."""

_SDKS = {
    Kind.BROWSER: ("sentry.javascript.react", "11.12.0", "javascript"),
    Kind.NODE: ("sentry.javascript.node", "11.12.0", "node"),
    Kind.PYTHON: ("sentry.python.django", "2.75.0", "python"),
}


class Application:
    """What all events of a release have in common."""

    def __init__(self, seed: int) -> None:
        random = Random(f"{seed} application")  # noqa: S311
        self._modules = [(package(random), version(random)) for _ in range(250)]
        self._integrations = json.dumps([camel(random).title() for _ in range(18)])

    def modules(self, count: int) -> str:
        """JSON of so many packages."""
        return json.dumps(dict(self._modules[:count]))

    def common(self, kind: Kind) -> str:
        """JSON members of every event of this client."""
        name, number, platform = _SDKS[kind]
        server = (
            ""
            if kind is Kind.BROWSER
            else f'"server_name":"web-{name[-3:]}-7f4c9","level":"error",'
        )
        return (
            f'"platform":"{platform}","environment":"production",{server}"sdk":{{"name":"{name}",'
            f'"version":"{number}","integrations":{self._integrations},'
            f'"packages":[{{"name":"npm:{name}","version":"{number}"}}]}}'
        )


class Written:
    """Events of some issues, as JSON."""

    def __init__(self, seed: int, issues: Sequence[Issue], began: datetime) -> None:
        self._random = Random(f"{seed} events")  # noqa: S311
        self._issues = issues
        self._began = began.timestamp()
        application = Application(seed)
        self._common = {kind: application.common(kind) for kind in Kind}
        self._modules = {
            issue.number: application.modules(max(10, min(250, int(issue.target * 0.15 / 35))))
            for issue in issues
        }

    def events(self, count: int) -> Iterator[tuple[Issue, str, str]]:
        """So many: issue, event id, JSON. Some issues come often, some hardly ever."""
        weights = [1 / (rank + 10) for rank in range(len(self._issues))]
        shuffled = list(self._issues)
        Random(0).shuffle(shuffled)  # noqa: S311
        for n, issue in enumerate(self._random.choices(shuffled, weights, k=count)):
            event_id = f"{self._random.getrandbits(128):032x}"
            yield issue, event_id, self._event(issue, event_id, self._began + n / 2_000)

    def _event(self, issue: Issue, event_id: str, at: float) -> str:
        random = self._random
        user = random.randrange(USERS)
        stack = self._stack(random.choice(issue.stacks))
        members = [
            f'"event_id":"{event_id}","timestamp":{at:.3f}',
            self._common[issue.kind],
            f'"release":"shop@4.2.{7 if random.random() < 0.8 else 6}"',
            f'"transaction":"{issue.transaction}"',
            f'"exception":{stack}',
            _user(user),
            self._tags(),
            self._request(issue, user),
            self._contexts(issue),
        ]
        if issue.kind is Kind.BROWSER:
            members.append(f'"debug_meta":{issue.images}')
        else:
            members.append(f'"modules":{self._modules[issue.number]}')
        wanted = issue.target * (0.85 + 0.3 * random.random()) - sum(map(len, members))
        crumbs, rest = self._breadcrumbs(wanted, at)
        members.append(f'"breadcrumbs":{crumbs}')
        if rest > 300:
            members.append(f'"extra":{{"state":{self._state(rest)}}}')
        return "{" + ",".join(members) + "}"

    def _stack(self, pieces: Sequence[str]) -> str:
        gaps = len(pieces) - 1
        if not gaps:
            return pieces[0]
        digits = f"{self._random.getrandbits(32 * gaps):0{8 * gaps}x}"
        values = [digits[n : n + 8] for n in range(0, 8 * gaps, 8)]
        return "".join(a + b for a, b in zip(pieces, [*values, ""], strict=True))

    def _tags(self) -> str:
        random = self._random
        return (
            f'"tags":{{"tenant":"t-{random.randrange(400)}","plan":"{random.choice(NOUNS[:6])}",'
            f'"region":"eu-{random.randrange(4)}","build":"{random.randrange(3)}"}}'
        )

    def _request(self, issue: Issue, user: int) -> str:
        random = self._random
        path = issue.transaction.replace("{id}", str(random.randrange(10**6)))
        agent = AGENTS[user % len(AGENTS)]
        if issue.kind is Kind.BROWSER:
            return (
                f'"request":{{"url":"https://shop.example.com{path}?ref={random.getrandbits(40):x}",'
                f'"headers":{{"Referer":"https://shop.example.com/","User-Agent":"{agent}"}}}}'
            )
        return (
            f'"request":{{"method":"POST","url":"https://api.example.com{path}","query_string":"page={random.randrange(50)}",'
            f'"headers":{{"host":"api.example.com","user-agent":"{agent}","accept":"application/json",'
            f'"accept-encoding":"gzip, deflate, br","accept-language":"en-GB,en;q=0.9","content-type":"application/json",'
            f'"x-forwarded-for":"10.2.{user % 250}.{user // 250}","x-request-id":"{random.getrandbits(128):032x}",'
            f'"traceparent":"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01"}},'
            f'"data":{{"{random.choice(NOUNS)}":{random.randrange(10**5)},"{random.choice(NOUNS)}":"{random.choice(VERBS)}"}}}}'
        )

    def _contexts(self, issue: Issue) -> str:
        random = self._random
        trace = f'"trace":{{"trace_id":"{random.getrandbits(128):032x}","span_id":"{random.getrandbits(64):016x}"}}'
        if issue.kind is Kind.BROWSER:
            return (
                f'"contexts":{{{trace},"culture":{{"locale":"en-GB","timezone":"Europe/Vienna"}}}}'
            )
        if issue.kind is Kind.PYTHON:
            runtime = '"runtime":{"name":"CPython","version":"3.13.7","build":"3.13.7 (main, Aug 15 2026) [GCC 14.2.0]"}'
            return f'"contexts":{{{trace},{runtime}}}'
        return (
            f'"contexts":{{{trace},"runtime":{{"name":"node","version":"v24.8.0"}},'
            f'"app":{{"app_start_time":"2026-09-01T06:00:00.000Z","app_memory":{random.randrange(10**8, 10**9)},"free_memory":{random.randrange(10**9)}}},'
            f'"os":{{"name":"Debian GNU/Linux","version":"13.1","kernel_version":"6.12.43"}},'
            f'"device":{{"boot_time":"2026-08-30T04:12:51.123Z","arch":"x64","memory_size":16777216000,"free_memory":{random.randrange(10**10)},'
            f'"processor_count":8,"cpu_description":"AMD EPYC 9R14","processor_frequency":2600}},'
            f'"culture":{{"locale":"en-US","timezone":"UTC"}}}}'
        )

    def _breadcrumbs(self, wanted: float, at: float) -> tuple[str, float]:
        """JSON of as many as there is room for, and the room that is left."""
        crumbs: list[str] = []
        while wanted > 100 and len(crumbs) < MAX_BREADCRUMBS:
            crumb = self._breadcrumb(at - 60 + len(crumbs) * 0.5)
            wanted -= len(crumb) + 1
            crumbs.append(crumb)
        return f'{{"values":[{",".join(crumbs)}]}}', wanted

    def _breadcrumb(self, at: float) -> str:
        random = self._random
        a, b = random.choice(NOUNS), random.choice(NOUNS)
        when = f'{{"timestamp":{at + random.random():.3f},'
        what = random.randrange(5)
        if what < 2:
            return (
                f'{when}"type":"http","category":"fetch","data":{{"method":"GET","url":"/api/{a}/{random.randrange(10**6)}/{b}",'
                f'"status_code":{random.choice((200, 200, 200, 204, 304, 404))},"response_body_size":{random.randrange(10**5)}}}}}'
            )
        if what == 2:
            return f'{when}"category":"ui.click","message":"div.{a} > ul#{b}-list > li.{a}-{random.randrange(60)} > button[type=\\"submit\\"]"}}'
        if what == 3:
            return f'{when}"category":"navigation","data":{{"from":"/{a}/{random.randrange(10**5)}","to":"/{b}/{random.getrandbits(64):x}"}}}}'
        return (
            f'{when}"category":"console","level":"info","message":"{random.choice(VERBS)} {a} of {b}: took {random.randrange(3000)} ms",'
            f'"data":{{"logger":"console","arguments":["{a}",{random.randrange(3000)}]}}}}'
        )

    def _state(self, size: float) -> str:
        random = self._random
        rows = []
        while size > 0:
            row = (
                f'{{"id":"{random.getrandbits(64):016x}","{random.choice(NOUNS)}":"{random.choice(VERBS)} {random.choice(NOUNS)}",'
                f'"amount":{random.randrange(10**6) / 100},"active":{random.choice(("true", "false"))},"at":"2026-0{random.randint(1, 9)}-1{random.randrange(10)}"}}'
            )
            size -= len(row) + 1
            rows.append(row)
        return f"[{','.join(rows)}]"


def _user(number: int) -> str:
    random = Random(number)  # noqa: S311
    return (
        f'"user":{{"id":"{random.randrange(10**7)}","email":"{random.choice(NOUNS)}.{random.choice(NOUNS)}{number}@example.com",'
        f'"ip_address":"81.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"}}'
    )


def today() -> datetime:
    """When the first event happens: the same for all runs of a day."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
