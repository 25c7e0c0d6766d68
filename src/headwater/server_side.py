"""What the doors and the pages need of the settings, in the web process and beside it."""

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.bundles import Bundles
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.inspection import Inspector
from headwater.artifacts.keeping import Keeping
from headwater.artifacts.lint.linter import Linter
from headwater.artifacts.map_sources import MapSources
from headwater.artifacts.members import BundleLimits, Unpacker
from headwater.artifacts.single_files import SingleFiles
from headwater.artifacts.workshop import Workshop
from headwater.server.assemblies import Assemblies
from headwater.server.doctor.inside import Inside, Surroundings
from headwater.server.gauges import Gauges
from headwater.server.origin import TrustedProxies, UnreadableProxies
from headwater.server.rate_exchange import RateExchange
from headwater.server.rate_limits import RateLimits
from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.people.throttle import WINDOW, Attempts, RememberedAttempts
from headwater.server.web.storage.records import Limits, StorageRecords
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.settings import InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.files.stores import Stores
from headwater.storage.instances import Instances
from headwater.storage.people.attempts import CountedAttempts
from headwater.storage.told_rates import ToldRates
from headwater.storage.uploads.release_files import ReleaseFiles
from headwater.upload_side import UploadSide


def rates_of(settings: Settings, database: Database) -> RateLimits:
    """How many events may come. On SQLite there is no other web process to hear of."""
    others = None if database.is_sqlite else RateExchange(ToldRates(database))
    return RateLimits(settings.events_per_minute, others)


def attempts_of(database: Database, kind: str) -> Attempts:
    """Where passwords and codes are counted that were tried in vain."""
    return RememberedAttempts() if database.is_sqlite else CountedAttempts(database, kind, WINDOW)


def gauges_of(settings: Settings, database: Database, stores: Stores) -> Gauges:
    """What is measured for `/metrics` when somebody asks."""
    instances = Instances(database, stores.canaries)
    folders = {"data": settings.data_dir, "source_maps": settings.sourcemaps}
    return Gauges(database, instances, settings.queue, folders)


def inside_of(settings: Settings, database: Database, stores: Stores) -> Inside:
    """What the doctor looks at on this machine."""
    around = Surroundings(
        data_dir=settings.data_dir,
        sourcemaps=settings.sourcemaps,
        queue=settings.queue,
        reserve=settings.min_free_disk,
        trusts_anyone="*" in settings.trusted_proxies.split(","),
        lasting=settings.lasting,
        marked=settings.marked,
    )
    return Inside(database, around, stores.canaries)


def storage_records_of(
    settings: Settings, database: Database, stores: Stores, keeping: Keeping
) -> StorageRecords:
    """What the pages show of the disk."""
    limits = Limits(
        data_dir=settings.data_dir,
        sourcemaps=settings.sourcemaps,
        queue=settings.queue,
        reserve=settings.min_free_disk,
        event_days=settings.max_age_days,
        upload_days=settings.max_artifact_age_days,
        database=settings.max_database,
        bucket=stores if settings.sourcemap_storage_url else None,
    )
    return StorageRecords.of(database, limits, keeping)


def upload_tools_of(
    settings: Settings,
    database: Database,
    uploads: UploadSide,
    compilers: Compilers,
    workshop: Workshop,
) -> UploadTools:
    """What stores bundles, and what stores and deletes single files."""
    limits = BundleLimits(settings.max_bundle_size, settings.max_map_size)
    inspector = Inspector(uploads.making, uploads.opened, compilers)
    unpacker = Unpacker(uploads.blobs, inspector, limits)
    linter = Linter(inspector, uploads.artifacts)
    bundles = Bundles(uploads.artifacts, uploads.blobs, unpacker, linter)
    assembler = Assembler(
        uploads.chunks, uploads.artifacts, uploads.blobs, bundles, settings.max_bundle_size
    )
    listed = ReleaseFiles(database)
    singles = SingleFiles(uploads.artifacts, listed, uploads.blobs, unpacker)
    sources = MapSources(uploads.opened, uploads.making.register, workshop)
    return UploadTools(
        singles, assembler, uploads.chunks, uploads.artifacts, limits, Assemblies(), sources
    )


def alert_records_of(settings: Settings, database: Database) -> AlertRecords:
    """What the pages show and change."""
    return AlertRecords.of(database, has_mail=bool(settings.smtp_url))


def trusted_proxies(settings: Settings) -> TrustedProxies:
    """Whom to believe about clients' addresses. Raises InvalidSetting."""
    try:
        return TrustedProxies.parse(settings.trusted_proxies)
    except UnreadableProxies as error:
        raise InvalidSetting(str(error)) from None
