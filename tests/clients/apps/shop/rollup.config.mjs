import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";
import { entry, hidden, out, plugin } from "./options.mjs";

export default {
  input: entry,
  external: ["@sentry/node"],
  output: { dir: out, format: "es", sourcemap: hidden ? "hidden" : true, entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
  plugins: [
    typescript({ compilerOptions: { outDir: out, inlineSources: true } }),
    resolve({ browser: true, extensions: [".ts", ".js"] }),
    terser(),
    ...(await plugin("rollup", "sentryRollupPlugin")),
  ],
};
