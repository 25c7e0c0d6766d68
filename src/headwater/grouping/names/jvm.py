"""Classes and methods of the JVM's languages, which number what has no name of its own."""

import re
from typing import Final

_RULES: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\$\$Lambda(?:\$\d+)?(?:[/.](?:0x)?[0-9a-fA-F]+)?", "$$Lambda"),
        (r"LambdaForm\$(\w+)/(?:0x)?[0-9a-fA-F]+", r"LambdaForm$\1"),
        (r"(\$\$\w*?CGLIB\$\$)[0-9a-fA-F]+(?:_\d+)?", r"\1"),
        (r"(Generated(?:Method|Constructor|SerializationConstructor)Accessor)\d+", r"\1"),
        (r"(?:com\.sun\.proxy\.|jdk\.proxy\d*\.)?\$Proxy\d+", "$Proxy"),
        (r"_\$\$_(?:javassist|jvst)\w*", "_$$_javassist"),
        (r"(\$(?:HibernateProxy|ByteBuddy|MockitoMock)\$)\w+", r"\1"),
        # Kotlin's Compose, Clojure and Groovy:
        (r"lambda-\d+", "lambda"),
        (r"((?:^|[$.])(?:fn|eval|iter|reify)_*)\d+(?=$|[/$_.])", r"\1"),
        (r"Script\d+", "Script"),
        # Anonymous classes, lambdas, accessors:
        (r"\$\d+(?=$|[$.])", ""),
    )
)


def jvm_name(name: str) -> str:
    """`Cart$1` is `Cart`, `lambda$pay$3` is `lambda$pay`, generated classes lose their numbers."""
    for pattern, replacement in _RULES:
        name = pattern.sub(replacement, name)
    return name
