"""Fuzzing the scope finder: every text is answered, and a function table answers as its scopes."""

from headwater.sourcemaps.functions import windows
from headwater.sourcemaps.functions.function_table import table_of
from headwater.sourcemaps.functions.scopes import read_scopes

LONGEST = 30_000
"""Characters of a text, parsed in 6 ms when all is well."""
EXTENSIONS = ("js", "ts", "tsx", "jsx", "mjs", "vue", "svelte", "vue?lang=ts")
RAW = 128
"""Bit of the first byte: the rest is text. Otherwise each byte of it is a word."""
WINDOWED = 64
"""Bit of the first byte: windows are so small that any text has many."""
SIZES = {0: (windows.WINDOW, windows.MIN_WINDOW), WINDOWED: (160, 16)}
REPEAT = 240
"""This byte and those above repeat what the next byte says, 2 to 65,536 times."""
WORDS = (
    *"()[]{}<>,;:.?!=+-*/%&|^~@#`$\\'\"\n\r\t abcdef_019xéꙮ😀\x00\ufeff\u2028",
    *("=>", "...", "?.", "??", "??=", "&&", "||", "===", "**", "++", "--", ">>>", "${", "//", "/*"),
    *("*/", "<!--", "-->", "</", "/>", "<a>", "</a>", "<T>(", "<T,>", "<script>", "</script>"),
    *('<script lang="ts">', "#!", "0x", "1n", "/a/g", "'a'", '"a"', "`a`", "[a]", "#a", "@a", "\\u0061"),
    *(
        " " + word + " "
        for word in (
            "function", "async", "await", "yield", "class", "extends", "static", "get", "set", "new",
            "return", "if", "else", "for", "while", "do", "of", "in", "var", "let", "const", "this",
            "super", "import", "export", "default", "from", "as", "typeof", "void", "delete",
            "instanceof", "switch", "case", "try", "catch", "finally", "throw", "with", "debugger",
            "interface", "type", "enum", "namespace", "declare", "abstract", "public", "readonly",
            "keyof", "infer", "satisfies", "is", "asserts", "unique", "null", "true", "a", "constructor",
        )
    ),
)  # fmt: skip


def check(data: bytes) -> None:
    """The first byte says which language, and how the rest is read."""
    first = data[0] if data else RAW
    text = data[1:].decode("utf-8", "surrogateescape") if first & RAW else words(data[1:])
    text = text[:LONGEST]
    windows.WINDOW, windows.MIN_WINDOW = SIZES[first & WINDOWED]  # type: ignore[misc]

    scopes = read_scopes(text, f"a.{EXTENSIONS[first % len(EXTENSIONS)]}")
    table = table_of(scopes)

    for line, row in enumerate(text.split("\n")[:20]):
        for column in range(min(len(row) + 1, 40)):
            function = scopes.enclosing(line, column)
            assert table.at(line, column) == (function.stored_name if function else None)


def words(data: bytes) -> str:
    """A text of the words that bytes stand for, in which runs repeat."""
    found: list[str] = []
    length = 0
    rest = iter(data)
    for byte in rest:
        if byte >= REPEAT:
            run = "".join(found[-(next(rest, 1) or 1) :])
            word = run * min(2 ** (byte - REPEAT + 1), LONGEST // max(1, len(run)))
        else:
            word = WORDS[byte % len(WORDS)]
        found.append(word)
        length += len(word)
        if length > LONGEST:
            break
    return "".join(found)
