"""Builds the corpus: `python -m bench.corpus.build [id …]`; what is there already is kept."""

import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bench.corpus import shelf
from bench.corpus.asked import EVENTS, FRAMES, POSITIONS
from bench.corpus.constructed import index_map
from bench.corpus.recipes import BUILT, CONSTRUCTED, SHIPPED, Constructed, Recipe, Shipped
from bench.corpus.workshop import CHANGES, StepFailed, changed, node, produce, workshop


def built(shop: Path, recipe: Recipe) -> list[shelf.Item]:
    """The maps of a recipe, made now unless they are there; Turbopack makes several at once."""
    to = shelf.folder() / "maps" / recipe.id
    done = to / "done"
    if not done.exists():
        shutil.rmtree(to, ignore_errors=True)
        produce(shop, recipe, to / f"{recipe.id}.js")
        for which in CHANGES if recipe.next_releases else ():
            with changed(shop, which):
                produce(shop, recipe, to / which / f"{recipe.id}.js")
        done.touch()
    how = f"{recipe.script} of {recipe.entry} {json.dumps(recipe.options) if recipe.options else ''}".strip()
    later = {
        which: pair(to / which / f"{recipe.id}.js") for which in CHANGES if recipe.next_releases
    }
    found = sorted(path.with_suffix("") for path in to.glob("*.js.map"))
    return [listed(path.stem, recipe.producer, how, path, later) for path in found]


def shipped(shop: Path, recipe: Shipped) -> list[shelf.Item]:
    js = shop / "node_modules" / recipe.path
    return [listed(recipe.id, recipe.producer, f"shipped as {recipe.path}", js, {})]


def constructed(recipe: Constructed, so_far: Mapping[str, shelf.Item]) -> list[shelf.Item]:
    """An index map; raises `StepFailed` when one of its parts is not there."""
    missing = [part for part in recipe.parts if part not in so_far]
    if missing:
        raise StepFailed(f"needs {', '.join(missing)}")
    js = shelf.folder() / "maps" / recipe.id / f"{recipe.id}.js"
    if not js.exists():
        js.parent.mkdir(parents=True, exist_ok=True)
        parts = [so_far[part] for part in recipe.parts]
        code, document = index_map(
            [(shelf.js_of(part).read_text(), shelf.map_of(part).read_bytes()) for part in parts],
            recipe.how,
        )
        beside(js).write_bytes(document)
        js.write_text(code)
    return [
        listed(
            recipe.id, "constructed index map", f"{recipe.how}: {', '.join(recipe.parts)}", js, {}
        )
    ]


def ask(shop: Path, item: shelf.Item) -> None:
    """Have the oracle answer, unless it did."""
    to = shelf.folder() / "asked" / f"{item.id}.json"
    if to.exists() and to.stat().st_mtime > shelf.map_of(item).stat().st_ctime:
        return
    to.parent.mkdir(exist_ok=True)
    files = {"js": str(shelf.js_of(item)), "map": str(shelf.map_of(item)), "to": str(to)}
    node(shop, "oracle", {**files, "positions": POSITIONS, "events": EVENTS, "frames": FRAMES})


def beside(js: Path) -> Path:
    return js.with_name(js.name + ".map")


def pair(js: Path) -> shelf.Pair:
    within = shelf.folder()
    return shelf.Pair(str(js.relative_to(within)), str(beside(js).relative_to(within)))


def listed(
    id_: str, producer: str, how: str, js: Path, later: Mapping[str, shelf.Pair]
) -> shelf.Item:
    here = pair(js)
    return shelf.Item(
        id_, producer, how, here.js, here.map, js.stat().st_size, beside(js).stat().st_size, later
    )


def items_of(
    shop: Path, recipe: Shipped | Recipe | Constructed, so_far: Mapping[str, shelf.Item]
) -> list[shelf.Item]:
    if isinstance(recipe, Shipped):
        return shipped(shop, recipe)
    if isinstance(recipe, Recipe):
        return built(shop, recipe)
    return constructed(recipe, so_far)


def main() -> None:
    """Make what is missing, one step at a time, and write the index after each."""
    wanted = set(sys.argv[1:])
    shop = workshop()
    made: dict[str, shelf.Item] = {}
    for recipe in (*SHIPPED, *BUILT, *CONSTRUCTED):
        if wanted and recipe.id not in wanted and isinstance(recipe, Recipe) and not there(recipe):
            continue
        began = time.monotonic()
        try:
            new = items_of(shop, recipe, made)
            for item in new:
                ask(shop, item)
        except (StepFailed, OSError) as reason:
            print(f"skipped {recipe.id}: {reason}", flush=True)
            continue
        seconds = time.monotonic() - began
        made |= {item.id: item for item in new}
        write_index(made)
        for item in new:
            print(f"{item.id:24} {item.map_bytes / 1e6:8.2f} MB  {seconds:6.1f} s", flush=True)
    producers = {item.producer for item in made.values()}
    print(f"{len(made)} maps of {len(producers)} producers in {shelf.folder()}")


def there(recipe: Recipe) -> bool:
    return (shelf.folder() / "maps" / recipe.id / "done").exists()


def write_index(made: Mapping[str, shelf.Item]) -> None:
    """Whole or not at all: another bench may be reading it."""
    index = shelf.folder() / shelf.INDEX
    new = index.with_suffix(".new")
    new.write_bytes(msgspec.json.format(msgspec.json.encode(tuple(made.values())), indent=1))
    new.replace(index)


if __name__ == "__main__":
    main()
