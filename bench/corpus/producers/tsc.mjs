// TypeScript to ES5 in one file, minified by terser with the first map handed on.
import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { minify } from "terser";
import ts from "typescript";
import { order } from "./order.mjs";

const { entry, js, options } = order();
// A copy: TypeScript writes nothing for what lies below node_modules.
const copied = join(dirname(js), "src");
await cp(dirname(entry), copied, { recursive: true });
const plain = join(dirname(js), "plain", basename(js));
const program = ts.createProgram([join(copied, basename(entry))], {
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
