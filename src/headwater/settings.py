"""Every knob: name, type, default and one line of explanation; the manual is made from this."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final


class InvalidSetting(Exception):
    """A setting's value can't be used; the message names the variable and what was expected."""


DATABASE_FILE: Final = "headwater.db"
"""In the data folder, unless DATABASE_URL says another."""


_BUCKET: Final = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/(?!\.)[A-Za-z0-9._-]{1,100}){0,8}/?"
)


_NEVER_0: Final = frozenset(
    f"HEADWATER_MAX_{what}"
    for what in ("UPLOAD_REQUEST", "BUNDLE", "MAP", "EVENT", "ENVELOPE", "QUEUE")
)
"""Limits that have no 'any'."""


def _data_dir() -> Path:
    """`/data` in a container, the platform's user data folder elsewhere."""
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        return Path("/data")
    import platformdirs  # noqa: PLC0415 # where it is not said, once

    return Path(platformdirs.user_data_dir("headwater", appauthor=False))


def _knob(variable: str, default: Any, doc: str) -> Any:  # a dataclass field, as `field` itself
    return field(default=default, metadata={"variable": variable, "doc": doc})


def _secret_knob(variable: str, doc: str) -> Any:
    """Not in the settings' repr; may also be in a file, which `<variable>_FILE` names."""
    doc += f"; `{variable}_FILE`: a file that holds it"
    metadata = {"variable": variable, "doc": doc, "is_secret": True}
    return field(default="", repr=False, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One instance's settings. Read once, at the top, and passed down in parts."""

    host: str = _knob("HOST", "127.0.0.1", "address to listen on")
    port: int = _knob("PORT", 8080, "port to listen on")
    data_dir: Path = _knob(
        "HEADWATER_DATA_DIR",
        _data_dir(),
        "where the database and, by default, the uploaded source maps live",
    )
    database_url: str = _secret_knob(
        "DATABASE_URL",
        "database, such as postgresql://user:password@host/name; empty: SQLite, `headwater.db` in the data folder",
    )
    sourcemap_storage_path: Path | None = _knob(
        "SOURCEMAP_STORAGE_PATH",
        None,
        "where uploaded chunks and source maps live; empty: `sourcemaps` in the data folder",
    )
    sourcemap_storage_url: str = _knob(
        "SOURCEMAP_STORAGE_URL",
        "",
        "bucket where they live instead: `s3://bucket/prefix`, of any S3-compatible store; empty: none."
        " Endpoint and credentials: [storage](storage.md#a-bucket)",
    )
    sourcemap_cache: int = _knob(
        "HEADWATER_SOURCEMAP_CACHE",
        2 * 1024**3,
        "bytes of copies of compiled source maps that are kept on this machine's disk, with"
        " SOURCEMAP_STORAGE_URL, no less than HEADWATER_MAX_MAP; those that were used longest ago go",
    )
    public_url: str = _knob(
        "PUBLIC_URL",
        "",
        "address that users reach this server at, such as https://errors.example.com; empty: as the request says",
    )
    trusted_proxies: str = _knob(
        "TRUSTED_PROXIES",
        "127.0.0.1,::1",
        "addresses or networks whose X-Forwarded-Proto, -Host and -For are believed, comma-separated; `*`: any",
    )
    create_superuser: str = _secret_knob(
        "CREATE_SUPERUSER", "`email:password` of the first owner, created at the first start"
    )
    chunk_size: int = _knob(
        "HEADWATER_CHUNK_SIZE",
        512 * 1024,
        "bytes in a chunk that upload clients are told to cut; a power of two",
    )
    max_request_size: int = _knob(
        "HEADWATER_MAX_UPLOAD_REQUEST",
        512 * 1024,
        "bytes of chunks that upload clients are told to put into one request; under nginx's default of 1 MB",
    )
    max_bundle_size: int = _knob(
        "HEADWATER_MAX_BUNDLE",
        2 * 1024**3,
        "bytes of the largest artifact bundle that is assembled",
    )
    max_map_size: int = _knob(
        "HEADWATER_MAX_MAP",
        256 * 1024**2,
        "bytes of the largest file inside a bundle that is accepted",
    )
    max_event_size: int = _knob(
        "HEADWATER_MAX_EVENT", 1024**2, "bytes of the largest event, decompressed; Relay's limit"
    )
    max_envelope_size: int = _knob(
        "HEADWATER_MAX_ENVELOPE", 20 * 1024**2, "bytes of the largest envelope, decompressed"
    )
    durability: str = _knob(
        "HEADWATER_DURABILITY",
        "full",
        "`full`: an event is answered when it is on the disk, and survives a power cut;"
        " `relaxed`: when the system has it, and it survives everything but that",
    )
    max_queue: int = _knob(
        "HEADWATER_MAX_QUEUE",
        2 * 1024**3,
        "bytes of events that may wait to be digested; more are refused with a 503",
    )
    events_per_minute: int = _knob(
        "HEADWATER_EVENTS_PER_MINUTE",
        0,
        "events a minute that all instances together take, of all projects; 0: as many as they can",
    )
    pending_upload_seconds: int = _knob(
        "HEADWATER_PENDING_UPLOAD_SECONDS",
        120,
        "seconds from the first event that asks for a debug id or release of which nothing is known, while"
        " its upload may be on its way; 0: none",
    )
    max_age_days: int = _knob(
        "HEADWATER_MAX_AGE_DAYS",
        90,
        "days that events are kept, unless their project has chosen; 0: for ever",
    )
    max_artifact_age_days: int = _knob(
        "HEADWATER_MAX_ARTIFACT_AGE_DAYS",
        0,
        "days that uploaded source maps are kept since they resolved a frame or were uploaded last,"
        " unless their project has chosen; 0: for ever",
    )
    max_releases_per_project: int = _knob(
        "HEADWATER_MAX_RELEASES_PER_PROJECT",
        0,
        "releases of a project whose uploads are kept, the newest, unless it has chosen; 0: all",
    )
    max_artifacts_per_project: int = _knob(
        "HEADWATER_MAX_ARTIFACTS_PER_PROJECT",
        0,
        "bytes of uploads of a project that are kept, as they came, unless it has chosen; 0: any",
    )
    max_events_per_project: int = _knob(
        "HEADWATER_MAX_EVENTS_PER_PROJECT",
        1_000_000,
        "events of a project that are kept, unless it has chosen: some 2.5 GB; 0: all",
    )
    max_database: int = _knob(
        "HEADWATER_MAX_DATABASE",
        20 * 1024**3,
        "bytes of the database that are not exceeded for long: redundant events go; 0: any size",
    )
    min_free_disk: int | None = _knob(
        "HEADWATER_MIN_FREE_DISK",
        None,
        "bytes of the data folder's disk that stay free: redundant events go, and at last events are"
        " refused with a 503; empty: 500 MB, on a disk below 10 GB a twentieth of it",
    )
    smtp_url: str = _secret_knob(
        "HEADWATER_SMTP_URL",
        "mail server for alerts: `smtp://user:password@host:587` or `smtps://…`; empty: no mail",
    )
    mail_from: str = _knob(
        "HEADWATER_MAIL_FROM",
        "",
        "sender of alerts by mail, such as Headwater <errors@example.com>",
    )
    alert_private_addresses: str = _knob(
        "HEADWATER_ALERT_PRIVATE_ADDRESSES",
        "on",
        "`on`: alerts may be sent to addresses in this machine's own network; `off`: to public ones only",
    )
    log_format: str = _knob("HEADWATER_LOG", "text", "`text` for people, `json` for machines")

    @property
    def database(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def listens_at(self) -> str:
        """Its address, as a browser on this machine has it."""
        everywhere = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
        host = "localhost" if self.host in everywhere else self.host
        return f"http://{host}:{self.port}"

    @property
    def reached_at(self) -> str:
        """What links in messages begin with, as far as it is known."""
        return (self.public_url or self.listens_at).rstrip("/")

    @property
    def lasting(self) -> tuple[Path, ...]:
        """Folders that must survive a restart."""
        return (self.data_dir,) if self.sourcemap_storage_url else (self.data_dir, self.sourcemaps)

    @property
    def marked(self) -> Path | None:
        """The folder that has a storage's mark, or its volume is not mounted; None with a bucket."""
        return None if self.sourcemap_storage_url else self.sourcemaps

    @property
    def queue(self) -> Path:
        """Where events wait to be digested, on SQLite."""
        return self.data_dir / "queue"

    @property
    def sourcemaps(self) -> Path:
        """Where chunks and uploaded files live; with SOURCEMAP_STORAGE_URL, where copies of them do."""
        return self.sourcemap_storage_path or self.data_dir / "sourcemaps"


def read_settings(
    environment: Mapping[str, str] = os.environ, **given: Any
) -> Settings:  # one per knob
    """Settings from the environment; what is `given` (by a command line) wins, unless it is None or empty.

    Raises InvalidSetting.
    """
    values: dict[str, Any] = {}
    for knob in fields(Settings):
        text = _given(knob.metadata, environment)
        if text:
            values[knob.name] = _parse(knob.metadata["variable"], knob.type, text)
    values.update({name: value for name, value in given.items() if value not in (None, "")})
    settings = Settings(**values)
    for complaint in _complaints(settings):
        raise InvalidSetting(complaint)
    return settings


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as it may be shown: its variable, its value in words, and where that is from."""

    variable: str
    value: str
    source: str


def shown(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> tuple[ShownSetting, ...]:
    """Every setting that holds now; secrets only as set or not."""
    return tuple(
        ShownSetting(
            knob.metadata["variable"],
            _shown(getattr(settings, knob.name), knob.metadata),
            _source(knob.metadata, environment),
        )
        for knob in fields(Settings)
    )


def _shown(value: object, metadata: Mapping[str, Any]) -> str:
    if metadata.get("is_secret"):
        return "(set)" if value else ""
    return "" if value is None else str(value)


def _source(metadata: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    variable = metadata["variable"]
    if environment.get(variable):
        return "environment"
    if metadata.get("is_secret") and environment.get(f"{variable}_FILE"):
        return f"{variable}_FILE"
    return "default"


def _given(metadata: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    variable = metadata["variable"]
    text = environment.get(variable, "")
    file = environment.get(f"{variable}_FILE", "") if metadata.get("is_secret") else ""
    if text or not file:
        return text
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InvalidSetting(f"{variable}_FILE can't be read: {reason}") from None


def _complaints(settings: Settings) -> Iterator[str]:
    for knob in fields(Settings):
        yield from _too_small(knob.metadata["variable"], getattr(settings, knob.name))
    size = settings.chunk_size
    if size <= 0 or size & (size - 1):
        yield f"HEADWATER_CHUNK_SIZE must be a power of two (sentry-cli before 2.40 refuses others), not {size}"
    if not 0 <= settings.port < 2**16:
        yield f"PORT must be between 0 and 65535, not {settings.port}"
    scheme, _, rest = settings.public_url.partition("://")
    if settings.public_url and scheme not in ("http", "https"):
        yield f"PUBLIC_URL must begin with http:// or https://, not {settings.public_url!r}"
    if rest.partition("/")[2]:
        yield f"PUBLIC_URL must not have a path, because sentry-cli accepts none: {settings.public_url!r}"
    yield from _no_bucket(settings)
    for variable, value, one, other in (
        ("HEADWATER_DURABILITY", settings.durability, "full", "relaxed"),
        ("HEADWATER_ALERT_PRIVATE_ADDRESSES", settings.alert_private_addresses, "on", "off"),
        ("HEADWATER_LOG", settings.log_format, "text", "json"),
    ):
        if value not in (one, other):
            yield f"{variable} must be {one} or {other}, not {value!r}"


def _no_bucket(settings: Settings) -> Iterator[str]:
    if not settings.sourcemap_storage_url:
        return
    if not _BUCKET.fullmatch(settings.sourcemap_storage_url):
        # Not repeated: some write keys into it.
        yield (
            "SOURCEMAP_STORAGE_URL must be s3://bucket or s3://bucket/prefix, of letters, digits and . _ - /;"
            " credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if settings.sourcemap_cache < settings.max_map_size:
        yield (
            "HEADWATER_SOURCEMAP_CACHE must be no less than HEADWATER_MAX_MAP, since maps are read from it:"
            f" {settings.sourcemap_cache} is less than {settings.max_map_size}"
        )


def _too_small(variable: str, value: object) -> Iterator[str]:
    if isinstance(value, int) and value < 0:
        yield f"{variable} must not be negative: {value}"
    if value == 0 and variable in _NEVER_0:
        yield f"{variable} must be more than 0, which would refuse everything"


def _parse(variable: str, kind: object, text: str) -> object:
    if kind in (int, int | None):
        try:
            return int(text)
        except ValueError:
            raise InvalidSetting(f"{variable} must be a whole number, not {text!r}") from None
    if kind in (Path, Path | None):
        return Path(text).expanduser()
    return text


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for a child process that is to have the same."""
    values = {knob.metadata["variable"]: getattr(settings, knob.name) for knob in fields(Settings)}
    # From the root, so that no `~` in a path is read as somebody's home.
    return {
        name: str(value.absolute() if isinstance(value, Path) else value)
        for name, value in values.items()
        if value is not None
    }
