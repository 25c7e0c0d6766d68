import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { minify, transform } from "@swc/core";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const source = await readFile(entry, "utf8");
const made = options.scopes
  ? await transform(source, {
      filename: basename(entry),
      sourceMaps: true,
      inlineSourcesContent: true,
      isModule: "unknown",
      minify: true,
      jsc: {
        target: "es2022",
        minify: { compress: true, mangle: true },
        experimental: { emitSourceMapScopes: true },
      },
    })
  : await minify(
      { [basename(entry)]: source },
      { compress: true, mangle: true, sourceMap: true, inlineSourcesContent: true, module: "unknown" },
    );
if (options.scopes && !JSON.parse(made.map).scopes) throw new Error("this swc wrote no scopes");
await writeFile(js, made.code);
await writeFile(`${js}.map`, made.map);
