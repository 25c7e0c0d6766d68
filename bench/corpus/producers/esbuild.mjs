import { build } from "esbuild";
import { order } from "./order.mjs";

const { entry, js, options } = order();
await build({
  entryPoints: [entry],
  outfile: js,
  bundle: true,
  minify: true,
  sourcemap: "external",
  format: "esm",
  logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "empty", ".css": "empty", ".wasm": "empty" },
  ...options,
});
