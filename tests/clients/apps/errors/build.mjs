// Builds the errors for production, names shortened: node build.mjs BUNDLER OUT
import path from "node:path";
import { fileURLToPath } from "node:url";

const [bundler, out] = process.argv.slice(2);
const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "src");
const entry = path.join(source, "main.mjs");

const builds = {
  async esbuild() {
    const { build } = await import("esbuild");
    const outExtension = { ".js": ".mjs" };
    await build({ entryPoints: [entry], outdir: out, outExtension, bundle: true, format: "esm", splitting: true, minify: true, sourcemap: true });
  },
  async vite() {
    const { build } = await import("vite");
    const names = { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" };
    const rolldownOptions = { input: entry, output: names };
    await build({ configFile: false, root: source, logLevel: "warn", build: { outDir: out, ssr: true, minify: true, sourcemap: true, rolldownOptions } });
  },
  async webpack() {
    const { default: webpack } = await import("webpack");
    const output = { path: out, filename: "[name].mjs", chunkFilename: "[name].mjs", module: true, chunkFormat: "module" };
    const config = { mode: "production", devtool: "source-map", target: "node20", entry, output, experiments: { outputModule: true } };
    await new Promise((resolve, reject) => webpack(config, (error, stats) => (error ?? stats.hasErrors() ? reject(error ?? stats.toString()) : resolve())));
  },
  async rollup() {
    const { rollup } = await import("rollup");
    const { default: terser } = await import("@rollup/plugin-terser");
    const bundle = await rollup({ input: entry });
    await bundle.write({ dir: out, format: "es", sourcemap: true, entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs", plugins: [terser({ module: true, toplevel: true })] });
    await bundle.close();
  },
};

await builds[bundler]();
