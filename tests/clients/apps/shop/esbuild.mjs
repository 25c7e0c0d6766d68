import { build } from "esbuild";
import { alias, entry, hidden, out, plugin, target } from "./options.mjs";

await build({
  entryPoints: [entry],
  outdir: out,
  outExtension: { ".js": target === "node" ? ".mjs" : ".js" },
  bundle: true,
  format: "esm",
  platform: target,
  target: "es2022",
  external: ["@sentry/node"],
  alias,
  // The plugin gives a debug id to entries only, so the lazy module stays inside for it.
  splitting: !process.env.APP_PLUGIN,
  // The plugin re-exports a default that an entry need not have.
  logOverride: { "import-is-undefined": "silent" },
  minify: true,
  sourcemap: hidden ? "external" : true,
  plugins: await plugin("esbuild", "sentryEsbuildPlugin"),
});
