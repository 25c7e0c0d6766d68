"""Uploading a folder or a ZIP from a page, for those without a build tool that does it."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.artifacts.by_hand.names import ANY_HOST
from headwater.protocol.bundle import BundleRefused
from headwater.protocol.chunks import (
    AssembleAnswer,
    AssembleRequest,
    AssembleState,
    MalformedAssemble,
    checked_dist,
    checked_version,
)
from headwater.server.body import pieces
from headwater.server.errors import BodyTooLarge, MalformedRequest, Overloaded
from headwater.server.hand_parts import MAX_HAND_PARTS, HandParts
from headwater.server.multipart import Multipart
from headwater.server.paths import sent_path
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.uploads.release_pages import base_of
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.refusals import Refusal, Refusals

MAX_AT_ONCE: Final = 4
"""Uploads by hand that come in at a time: people wait for theirs, and each writes to the disk."""

SECONDS: Final = 3_600
"""For a whole request: 450 MB at 1 Mbit/s."""

ROOM: Final = 16 * 1024**2
"""Bytes of a request beside its files: the names and headers of 20,000."""

MAX_WHO: Final = 200
"""Characters of who uploaded by hand that are kept with a refusal: what a token's name may have."""

_REFUSED: Final = (BundleRefused, MalformedRequest, MalformedAssemble, BodyTooLarge)


class UploadByHand:
    """`/projects/…/uploads/new`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        tools: UploadTools,
        refusals: Refusals,
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._tools = tools
        self._refusals = refusals
        self._receiving = 0

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        path = "/projects/{project}/uploads/new"
        return [self._gate.get(path, self._form), self._gate.streamed(path, self._receive)]

    def _form(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        prefix = visit.query("prefix") or ANY_HOST
        given = {"release": visit.query("release"), "dist": "", "prefix": prefix}
        return self._page(visit, project, given)

    async def _receive(self, visit: Visit) -> Response:
        project = await run_in_threadpool(existing, self._projects, visit.path("project"))
        if self._receiving >= MAX_AT_ONCE:
            raise Overloaded(
                f"{MAX_AT_ONCE} uploads by hand are coming in already. Try again in a moment."
            )
        self._receiving += 1
        parts = await run_in_threadpool(HandParts, self._tools.chunks, self._tools.limits)
        try:
            return await self._store(visit, project, parts)
        except _REFUSED as error:
            given = {name: parts.field(name) for name in ("release", "dist", "prefix")}
            status = 413 if isinstance(error, BodyTooLarge) else 422
            refusal = _refusal(visit, project, _sentence(error), status)
            self._refusals.add(refusal, datetime.now(UTC))
            return await run_in_threadpool(
                self._page, visit, project, given, _sentence(error), status
            )
        finally:
            self._receiving -= 1
            await run_in_threadpool(parts.close)

    async def _store(self, visit: Visit, project: Project, parts: HandParts) -> Response:
        kind = visit.request.headers.get("content-type", "")
        body = Multipart(kind, parts, MAX_HAND_PARTS)
        async for piece in pieces(visit.request, self._tools.limits.bundle + ROOM, SECONDS):
            await run_in_threadpool(body.feed, piece)
        body.finish()
        version, dist = checked_version(parts.field("release")), checked_dist(parts.field("dist"))
        sha1, size = await run_in_threadpool(parts.finish)
        request = AssembleRequest(sha1, (sha1,), version, dist)
        now = datetime.now(UTC)
        await run_in_threadpool(self._tools.chunks.keep, project.id, {sha1: size}, now)
        answer = await self._assembled(visit, project, request)
        if answer.state is AssembleState.OK:
            files = await run_in_threadpool(self._tools.artifacts.find, project.id, sha1)
            return RedirectResponse(f"/bundles/{files[0].bundle}", 303)
        if answer.state is AssembleState.ASSEMBLING:
            return await run_in_threadpool(self._later, visit, project)
        raise MalformedRequest(answer.detail or "The upload was damaged on its way. Send it again.")

    async def _assembled(
        self, visit: Visit, project: Project, request: AssembleRequest
    ) -> AssembleAnswer:
        """As clients' bundles are: by the same code, with the same findings."""
        assembler = self._tools.assembler
        user_id = visit.user.id if visit.user else None

        def work() -> AssembleAnswer:
            return assembler.assemble(project.id, None, request, datetime.now(UTC), user_id)

        return await self._tools.assemblies.result(
            (project.id, request), work, lambda: assembler.has(project.id, request), is_patient=True
        )

    def _page(
        self,
        visit: Visit,
        project: Project,
        given: dict[str, str],
        wrong: str = "",
        status: int = 200,
    ) -> Response:
        return self._look.page(
            visit,
            "upload_by_hand.html",
            project=project,
            status=status,
            wrong=wrong,
            given=given,
            max_bundle=self._tools.limits.bundle,
            max_file=self._tools.limits.file,
            base=base_of(project),
        )

    def _later(self, visit: Visit, project: Project) -> Response:
        return self._look.page(
            visit, "upload_later.html", project=project, status=202, base=base_of(project)
        )


def _refusal(visit: Visit, project: Project, sentence: str, status: int) -> Refusal:
    who = f"by hand, {visit.user.email}" if visit.user else "by hand"
    return Refusal(
        status=status,
        sentence=sentence,
        token_prefix="",
        token_name=who[:MAX_WHO],
        project_id=project.id,
        method=visit.request.method,
        path=sent_path(visit.request),
        user_agent=visit.request.headers.get("user-agent", ""),
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, BundleRefused):
        return f"This can't be used: {error}."
    return str(error)
