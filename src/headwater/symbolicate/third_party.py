"""Code that is not the user's build: browser extensions, other companies' scripts, hidden errors.

A frame of one's own must never be called somebody else's, since nothing is said of what to do then.
So uploads are asked first, and only three things count: the scheme of an extension, a host that
serves nothing but other companies' scripts, or, in an event that names debug ids, of which one was
uploaded for the project, a script without one from a site that none of those comes from.
"""

import re
from collections.abc import Iterable
from typing import Final

from headwater.protocol.event import DebugImage, Event

_EXTENSION: Final = re.compile(
    r"(?:(?:chrome|moz|safari|safari-web|ms-browser|edge)-extension:|webkit-masked-url:)"
)
_HOST: Final = re.compile(r"https?://(?:[^/@?#]*@)?([^/:?#]+)", re.IGNORECASE)
_SCRIPT_ERROR: Final = re.compile(r"\s*script error\.?\s*", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"\.[cm]?jsx?(?:[?#].*)?$", re.IGNORECASE)
_SHARED: Final = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gov",
        "gub",
        "ltd",
        "me",
        "ne",
        "net",
        "nom",
        "or",
        "org",
    ]
)
"""Below a country, where anybody has a name: `co` in `shop.co.uk`. One that is not here makes two
companies one, and no file of the user's own somebody else's, as a rule by length would (`cdn.abc.io`)."""
_COUNTRY: Final = 2

HOSTS: Final = frozenset(
    {
        "ads-twitter.com",
        "adsrvr.org",
        "amazon-adsystem.com",
        "bat.bing.com",
        "cdn.amplitude.com",
        "cdn.cookielaw.org",
        "cdn.heapanalytics.com",
        "cdn.mxpnl.com",
        "cdn.optimizely.com",
        "cdn.segment.com",
        "challenges.cloudflare.com",
        "clarity.ms",
        "connect.facebook.net",
        "consent.cookiebot.com",
        "criteo.com",
        "criteo.net",
        "doubleclick.net",
        "google-analytics.com",
        "googleadservices.com",
        "googlesyndication.com",
        "googletagmanager.com",
        "googletagservices.com",
        "hotjar.com",
        "hs-analytics.net",
        "hs-scripts.com",
        "js.intercomcdn.com",
        "js.stripe.com",
        "maps.googleapis.com",
        "newrelic.com",
        "nr-data.net",
        "platform.twitter.com",
        "plausible.io",
        "recaptcha.net",
        "scorecardresearch.com",
        "snap.licdn.com",
        "static.cloudflareinsights.com",
        "taboola.com",
        "tiktok.com",
        "widget.intercom.io",
        "zdassets.com",
    }
)
"""Hosts, with those below them, that serve their owners' scripts only. No host is here that serves
what anybody puts there, as jsdelivr, unpkg, CloudFront and the like do."""


def is_extension(path: str) -> bool:
    """Whether a browser extension's code is at `path`."""
    return _EXTENSION.match(path) is not None


def is_script_error(event: Event) -> bool:
    """Whether the browser hid everything about an error, as it does for another origin's script."""
    return any(_SCRIPT_ERROR.fullmatch(each.value or "") for each in event.exceptions)


def known_host(path: str) -> str | None:
    """The entry of HOSTS that `path` is at."""
    host = _host(path)
    parts = host.split(".") if host else []
    below = (".".join(parts[start:]) for start in range(len(parts)))
    return next((each for each in below if each in HOSTS), None)


def other_site(path: str, images: Iterable[DebugImage]) -> str | None:
    """The host of a script without a debug id, if none of the event's files with one is of its site.

    What is no file of a script's name is a page, with a script of the user's own within it.
    """
    host = _host(path) if _SCRIPT.search(path) else None
    ours = {_site(each) for image in images if (each := _host(image.code_file))}
    return host if host and ours and _site(host) not in ours else None


def _host(path: str) -> str | None:
    found = _HOST.match(path)
    return None if found is None else found[1].lower()


def _site(host: str) -> str:
    """`shop.example` of `cdn.shop.example`; an address or a single name is its own site."""
    parts = host.split(".")
    if parts[-1].isdigit():
        return host
    is_longer = len(parts) > _COUNTRY and len(parts[-1]) == _COUNTRY and parts[-2] in _SHARED
    return ".".join(parts[-3 if is_longer else -2 :])
