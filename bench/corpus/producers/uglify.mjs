import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import uglify from "uglify-js";
import { order } from "./order.mjs";

const { entry, js } = order();
const { error, code, map } = uglify.minify({ [basename(entry)]: await readFile(entry, "utf8") }, {
  compress: true,
  mangle: true,
  sourceMap: { includeSources: true, url: `${basename(js)}.map` },
});
if (error) throw error;
await writeFile(js, code);
await writeFile(`${js}.map`, map);
