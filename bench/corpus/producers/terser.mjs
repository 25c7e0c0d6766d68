import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { minify } from "terser";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const name = basename(entry);
const { code, map } = await minify({ [name]: await readFile(entry, "utf8") }, {
  compress: true,
  mangle: true,
  sourceMap: { includeSources: true, url: `${basename(js)}.map` },
  ...options,
});
await writeFile(js, code);
await writeFile(`${js}.map`, map);
