"""A source's syntax tree, as those see it who look for functions in it."""

from tree_sitter import Tree

from headwater.sourcemaps.functions.grammar import Grammar
from headwater.sourcemaps.functions.windows import parse_windows


def tree_of(text: str, grammar: Grammar) -> Tree | None:
    """Of a text that fits into one window; None if it is over a limit."""
    trees: list[Tree] = []

    def take(tree: Tree, _start: int, _end: int) -> bool:
        trees.append(tree)
        return True

    parse_windows(text.encode("utf-16-le", "surrogatepass"), grammar, take)
    return trees[0] if trees else None
