// TypeScript to ES5 in one file, minified by terser with the first map handed on.
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { minify } from "terser";
import ts from "typescript";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const plain = `${js}.plain.js`;
const program = ts.createProgram([entry], {
  target: ts.ScriptTarget[options.target],
  module: ts.ModuleKind.AMD,
  outFile: plain,
  sourceMap: true,
  inlineSources: true,
  downlevelIteration: true,
  ignoreDeprecations: "5.0",
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  types: [],
});
program.emit();
const { code, map } = await minify({ [basename(plain)]: await readFile(plain, "utf8") }, {
  compress: true,
  mangle: true,
  sourceMap: { content: await readFile(`${plain}.map`, "utf8"), includeSources: true, url: `${basename(js)}.map` },
});
await writeFile(js, code);
await writeFile(`${js}.map`, map);
