"""Why something that was sent here did not become an event, in words, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from headwater.storage.queue.outcomes import CLIENT, NOT_KEPT

ACCEPTED: Final = "accepted"
DUPLICATE: Final = "duplicate"


class Explanation(Struct, frozen=True):
    """What a reason is called, one sentence that says what it means, and one that says what to do."""

    title: str
    meaning: str
    remedy: str = ""


_OF_EVENTS: Final[Mapping[str, Explanation]] = {
    ACCEPTED: Explanation("Accepted", "Stored, and shown with their issue."),
    DUPLICATE: Explanation(
        "Duplicates",
        "An event with the same id is stored already: SDKs send again what they had no answer to.",
        "Nothing is lost, and nothing is to be done.",
    ),
    "dead_letter": Explanation(
        "Dead letters",
        "The server could not digest them; they are kept with the error.",
        "Read the error, retry them after an update, or delete them.",
    ),
    "project_deleted": Explanation(
        "Project deleted",
        "They were still waiting to be digested when their project was deleted.",
        "Nothing is to be done; an app that still sends is refused with an unknown key.",
    ),
    "malformed_event": Explanation(
        "Malformed event",
        "What was sent as an event is not a JSON object.",
        "Update the SDK; if it is your own, compare what it sends with Sentry's event payloads.",
    ),
    "malformed_report": Explanation(
        "Malformed security report",
        "What came as a browser's report of a broken policy is none, or names no directive.",
        "Browsers send no such thing: look at what else posts to that address.",
    ),
    "malformed_user_report": Explanation(
        "Malformed user report",
        "What came as a user's words has no words in it, or no event that they are about.",
        "Send an event id, and a name, an e-mail address or comments.",
    ),
    "too_many_user_reports": Explanation(
        "Too many user reports",
        "So many reports about one event are kept, and these came after them.",
        "Somebody sends them over and over; the key is in your pages for everybody to read.",
    ),
    "too_many_reports": Explanation(
        "Too many security reports",
        "One request held more browsers' reports than are read of one.",
        "Correct the policy that is broken so often, or send its reports elsewhere.",
    ),
    "csp:extension": Explanation(
        "Browser extensions",
        "A browser's extension, not your page, broke the page's Content-Security-Policy.",
    ),
    "unsupported_dump": Explanation(
        "Crash dumps",
        "A minidump or a crash report of Unreal Engine, which Headwater can't read.",
        "Use an SDK that sends events for this platform, or switch these uploads off.",
    ),
    "malformed_envelope": Explanation(
        "Malformed envelope",
        "What was sent is not an envelope: its lines of headers or its lengths are wrong.",
        "Update the SDK, and look for a proxy or tunnel that changes or cuts bodies.",
    ),
    "malformed_body": Explanation(
        "Unreadable body",
        "The body is not in the Content-Encoding that its headers name.",
        "Look for a proxy or tunnel that unpacks bodies, or drops the header.",
    ),
    "unfinished_body": Explanation(
        "Unfinished body",
        "The connection ended, or stood still, before all of the body had come.",
        "Phones and closing pages do this now and then; if it is often, look at the proxy's timeouts.",
    ),
    "too_large": Explanation(
        "Too large",
        "An event or its envelope is larger than the server reads.",
        "Send less with each event, or raise HEADWATER_MAX_EVENT or HEADWATER_MAX_ENVELOPE.",
    ),
    "no_key": Explanation(
        "No key",
        "The request has no DSN key in its headers, its address or its envelope.",
        "Set the DSN as the project's set-up page shows it; a proxy may have dropped X-Sentry-Auth.",
    ),
    "unknown_key": Explanation(
        "Unknown key",
        "The DSN's key belongs to no project of this server.",
        "Compare the DSN in the app with the one on the project's set-up page.",
    ),
    "overloaded": Explanation(
        "Server overloaded",
        "The server had more to write or to hold than it could, and asked SDKs to wait.",
        "If it happens often, give it a faster disk or more memory, or lower the rates.",
    ),
    "disk_full": Explanation(
        "Disk nearly full",
        "The server's disk had no room left for more; what it holds is kept.",
        "Make room, or keep fewer events: the projects' settings say how many.",
    ),
    "rate_limited:project": Explanation(
        "Over the project's rate",
        "The project sent more events per minute than it may; SDKs were asked to wait.",
        "Find out what throws so often, or raise the rate in the project's settings.",
    ),
    "rate_limited:instance": Explanation(
        "Over the server's rate",
        "All projects together sent more events per minute than the server takes.",
        "Limit the loudest project in its settings, or raise HEADWATER_EVENTS_PER_MINUTE.",
    ),
}

_OF_CLIENTS: Final[Mapping[str, Explanation]] = {
    "backpressure": Explanation(
        "Backpressure", "The SDK lowered its sampling because the app was under load."
    ),
    "before_send": Explanation("beforeSend", "Your beforeSend or beforeSendTransaction said no."),
    "buffer_overflow": Explanation("Buffer full", "The SDK's buffer of things to send was full."),
    "cache_overflow": Explanation(
        "Offline cache full", "The SDK's cache for times without a network was full."
    ),
    "event_processor": Explanation(
        "Event processor", "An integration or event processor of the app said no."
    ),
    "ignored": Explanation("Ignored", "It matched ignoreErrors, denyUrls or a filter like them."),
    "insufficient_data": Explanation(
        "Not enough data", "The SDK had too little to make something of it."
    ),
    "internal_sdk_error": Explanation(
        "Error in the SDK", "The SDK failed while it made it.", "Update the SDK."
    ),
    "invalid": Explanation("Invalid", "The SDK found it invalid.", "Update the SDK."),
    "network_error": Explanation(
        "Network error",
        "The SDK could not reach this server.",
        "Behind ad blockers, send through a tunnel of your own domain.",
    ),
    "no_parent_span": Explanation("No parent span", "A span came without the one it belongs to."),
    "queue_overflow": Explanation(
        "Queue full", "The SDK's queue was full: the app threw too fast."
    ),
    "ratelimit_backoff": Explanation(
        "Waiting as told",
        "This server had asked the SDK to wait, and what came meanwhile was dropped.",
        "See the rates above.",
    ),
    "sample_rate": Explanation("Sampled out", "The app's sampleRate or tracesSampleRate said no."),
    "send_error": Explanation(
        "Refused", "This server answered with an error.", "The reasons above say with which."
    ),
    "other": Explanation("Other", "The SDK gave a reason of its own."),
}

_NOT_KEPT: Final = Explanation(
    "Not kept",
    "Headwater keeps errors, and counts what else SDKs send.",
    "Nothing is lost that it could show; to save the traffic, switch it off in the SDK.",
)

_UNKNOWN_PATH: Final = Explanation(
    "Unknown API path",
    "A client asked for a part of Sentry's API that this server does not have, or an SDK has a DSN with"
    " a wrong path.",
    "The log names the path and the client.",
)


def explanation(reason: str) -> Explanation:
    """What the pages say of a reason; of one that an older version counted, its bare name."""
    if reason.startswith(CLIENT):
        name = reason.removeprefix(CLIENT)
        return _OF_CLIENTS.get(name) or _bare(name)
    if reason.startswith(NOT_KEPT):
        return _NOT_KEPT
    if reason == "unknown_path":
        return _UNKNOWN_PATH
    return _OF_EVENTS.get(reason) or _bare(reason)


def is_explained(reason: str) -> bool:
    """Whether there is more to say of it than its name."""
    return bool(explanation(reason).meaning)


def _bare(name: str) -> Explanation:
    return Explanation(name.replace("_", " ").replace(":", ", ").capitalize(), "")
