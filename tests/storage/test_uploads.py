"""When something was uploaded last."""

from datetime import timedelta

from headwater.protocol.chunks import AssembleRequest
from headwater.storage.people.tokens import Scope
from headwater.storage.uploads.uploads import LastUpload, Uploads
from tests.upload_side import NOW, UploadSide, cut, pair, sha1_of

LATER = NOW + timedelta(hours=1)


def test_before_the_first_upload_there_is_no_last(side: UploadSide) -> None:
    assert Uploads(side.database).last(side.project("web").id) is None


def test_a_project_sees_its_own_and_the_instances(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")
    uploads = Uploads(side.database)

    side.upload(web.id, pair())
    of_web = uploads.last(web.id), uploads.last(shop.id)
    side.put_chunks(None, pair())
    side.assemble(None, pair(), now=LATER)

    assert of_web == (LastUpload(NOW, 2, None, web.id), None)
    assert uploads.last(web.id) == uploads.last(shop.id) == LastUpload(LATER, 2, None, None)


def test_the_token_is_the_one_that_uploaded_last(side: UploadSide) -> None:
    web = side.project("web").id
    tokens = [side.tokens.create(name, Scope.UPLOAD, web, None, NOW)[0] for name in ("Old", "New")]
    chunks = tuple(side.put_chunks(web, pair()))
    assert chunks == tuple(map(sha1_of, cut(pair())))

    for token in tokens:
        side.assembler.assemble(web, token.id, AssembleRequest(sha1_of(pair()), chunks), NOW)

    last = Uploads(side.database).last(web)
    assert last
    assert last.token_name == "New"
