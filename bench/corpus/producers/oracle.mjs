// What @jridgewell/trace-mapping answers at seeded random positions, and events to ask for.
// Lines and columns from 0. Sources are named as the map writes them, with its sourceRoot in front.
import { readFile, writeFile } from "node:fs/promises";
import { FlattenMap, decodedMappings, originalPositionFor } from "@jridgewell/trace-mapping";
import { order } from "./order.mjs";

const { js, map, to, positions, events, frames } = order();

function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const chance = generator(426);
const below = (limit) => Math.floor(chance() * limit);

function namesOf(document) {
  if (document.sections) return document.sections.flatMap((section) => namesOf(section.map));
  const root = document.sourceRoot ? document.sourceRoot.replace(/\/$/, "") + "/" : "";
  return document.sources.map((source) => (source === null ? null : root + source));
}

const text = (await readFile(map, "utf8")).replace(/^\uFEFF?(\)\]\}'[^\n]*\n)?/, "");
const document = JSON.parse(text);
const names = namesOf(document);
const traced = new FlattenMap(document);
const lines = decodedMappings(traced);
if (traced.resolvedSources.length !== names.length) throw new Error("sources got lost");

// Where each line's mappings begin in the row of all mappings, to draw evenly from them.
const starts = [0];
for (const line of lines) starts.push(starts.at(-1) + line.length);
const total = starts.at(-1);

function mappingAt(number) {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= number) low = middle;
    else high = middle - 1;
  }
  return [low, lines[low][number - starts[low]]];
}

const isBytecode = document.x_hermes_function_offsets !== undefined;
const code = isBytecode ? [""] : (await readFile(js, "utf8")).split("\n");
const widths = isBytecode ? [lines[0].at(-1)[0] + 64] : code.map((line) => line.length);
const characters = [0];
for (const width of widths) characters.push(characters.at(-1) + width + 1);

function characterAt(number) {
  let [low, high] = [0, widths.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (characters[middle] <= number) low = middle;
    else high = middle - 1;
  }
  return [low, number - characters[low]];
}

// The answer, and that of the last mapping at the very place that it was taken from.
function ask(line, column) {
  const shaped = (s) => (s.length === 1 ? null : [names[s[1]], s[2], s[3], s.length > 4 ? traced.names[s[4]] : null]);
  const found = originalPositionFor(traced, { line: line + 1, column });
  const segments = lines[line] ?? [];
  let last = segments.length - 1;
  while (last >= 0 && segments[last][0] > column) last -= 1;
  const tied = last < 0 ? [] : segments.filter((segment) => segment[0] === segments[last][0]);
  const answers = tied.map(shaped);
  const fits = (a) =>
    found.line === null ? a === null : a && a[1] === found.line - 1 && a[2] === found.column && a[3] === found.name;
  if (last >= 0 && !answers.some(fits)) throw new Error(`the oracle contradicts itself at ${line}:${column}`);
  if (last < 0 && found.line !== null) throw new Error(`the oracle contradicts itself at ${line}:${column}`);
  return [line, column, answers.find(fits) ?? null, answers.at(-1) ?? null];
}

const asked = [];
for (let n = 0; n < positions; n += 1) {
  if (n % 2 === 0 && total) {
    const [line, segment] = mappingAt(below(total));
    asked.push(ask(line, segment[0]));
  } else {
    asked.push(ask(...characterAt(below(characters.at(-1)))));
  }
}

// An event: frames in 8 to 10 sources, in each of them one to three functions, whose frames are
// mappings near one another. A map of fewer sources gives as many regions of them.
function cluster() {
  const first = below(total);
  const [, segment] = mappingAt(first);
  const source = segment[1] ?? -1;
  const near = [];
  for (let n = first; n < Math.min(total, first + 4000) && near.length < 400; n += 1) {
    const [line, other] = mappingAt(n);
    if (other[1] === source) near.push([line, other[0]]);
  }
  return { source, near };
}

function event() {
  const regions = 8 + below(3);
  const clusters = [];
  const seen = new Set();
  for (let tries = 0; clusters.length < regions && tries < 200; tries += 1) {
    const made = cluster();
    if (made.source >= 0 && (!seen.has(made.source) || tries > 100)) clusters.push(made);
    seen.add(made.source);
  }
  const drawn = [];
  for (const { near } of clusters) {
    for (let n = 1 + below(3), function_ = 0; function_ < n; function_ += 1) {
      const start = below(near.length);
      drawn.push(near.slice(start, start + 60));
    }
  }
  return Array.from({ length: frames }, (_, n) => {
    const from = drawn[n % drawn.length];
    return from[below(from.length)];
  });
}

await writeFile(to, JSON.stringify({
  mappings: total,
  sources: names.length,
  positions: asked,
  events: total < 1000 ? [] : Array.from({ length: events }, event),
}));
