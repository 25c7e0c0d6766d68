import { copyFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "vite";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const outDir = join(dirname(js), "dist");
await build({
  root: dirname(entry),
  configFile: false,
  logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
  ...(options.ssr ? { ssr: { noExternal: true, target: "node" } } : {}),
  build: {
    outDir,
    emptyOutDir: true,
    sourcemap: true,
    minify: "oxc",
    chunkSizeWarningLimit: 1e6,
    ssr: options.ssr ? entry : undefined,
    rollupOptions: { input: entry, output: { codeSplitting: false } },
  },
});
const written = (await readdir(outDir, { recursive: true, withFileTypes: true }))
  .filter((file) => /\.m?js$/.test(file.name))
  .map((file) => join(file.parentPath, file.name));
const sized = await Promise.all(written.map(async (file) => [(await stat(file)).size, file]));
const [, largest] = sized.sort(([a], [b]) => b - a)[0];
await copyFile(largest, js);
await copyFile(`${largest}.map`, join(dirname(js), `${basename(js)}.map`));
