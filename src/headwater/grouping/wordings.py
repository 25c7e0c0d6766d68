"""Messages that browsers word in their own ways and languages, told as one."""

import re
from typing import Final

from headwater.grouping.engines import mistake_in

_WORDINGS: Final = (
    (
        "<request failed>",
        re.compile(
            r"^(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed|Network request failed"
            r"|The Internet connection appears to be offline\.?|The network connection was lost\.?"
            r"|Could not connect to the server\.?)(?: \([^()]{1,200}\))?$"
        ),
    ),
    (
        "<request aborted>",
        re.compile(
            r"^(?:The user aborted a request\.?|signal is aborted without reason|Fetch is aborted"
            r"|The operation was aborted\.?|This operation was aborted|BodyStreamBuffer was aborted|cancell?ed)\s?$"
        ),
    ),
)  # fmt: skip

_IN_SAFARIS_LANGUAGES: Final = {
    # As Apple's network library says it; only what was seen in somebody's events or filters.
    "<request failed>": (
        "Es besteht anscheinend keine Verbindung zum Internet", "La connexion Internet semble interrompue",
        "似乎已断开与互联网的连接",
        "Die Netzwerkverbindung wurde unterbrochen", "La connexion réseau a été perdue", "网络连接已中断",
        "ネットワーク接続が切れました",
        "无法连接到服务器", "サーバに接続できませんでした", "서버에 연결할 수 없습니다",
        "A server with the specified hostname could not be found", "未能找到使用指定主机名的服务器",
        "找不到使用指定主机名的服务器", "指定されたホスト名のサーバが見つかりませんでした",
        "특정 호스트 이름을 가진 서버를 찾을 수 없습니다",
        "fetch failed",
    ),
    "<request aborted>": (
        "Abgebrochen", "annulé", "cancelado", "anulowane", "отменено", "скасовано", "đã hủy", "đã huỷ",
        "ถูกยกเลิก", "已取消", "キャンセルしました", "취소됨",
    ),
    "<request timed out>": (
        "The request timed out", "signal timed out", "The operation timed out", "La requête a expiré", "请求超时",
    ),
}  # fmt: skip
_TOLD: Final = {text: name for name, texts in _IN_SAFARIS_LANGUAGES.items() for text in texts}


def told_as_one(message: str, *, joins_engines: bool) -> str:
    """`Failed to fetch`, `Load failed` and `NetworkError when …` are one failure.

    `joins_engines`: also what Safari says in the user's language, and what engines say of mistakes.
    """
    name = next((name for name, wording in _WORDINGS if wording.match(message)), None)
    if name is None and joins_engines:
        name = _TOLD.get(message.rstrip(".。 ")) or mistake_in(message)
    return name or message
