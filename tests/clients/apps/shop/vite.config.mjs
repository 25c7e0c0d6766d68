import path from "node:path";
import { defineConfig } from "vite";
import { alias, entry, hidden, out, plugin, target } from "./options.mjs";

export default defineConfig({
  root: path.dirname(entry),
  base: "./",
  logLevel: "info",
  resolve: { alias },
  build: {
    outDir: out,
    emptyOutDir: true,
    sourcemap: hidden ? "hidden" : true,
    ssr: target === "node",
    minify: true,
    rolldownOptions: { input: entry, output: { entryFileNames: target === "node" ? "[name].mjs" : "[name].js" } },
  },
  plugins: await plugin("vite", "sentryVitePlugin"),
});
