import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import replace from "@rollup/plugin-replace";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { order } from "./order.mjs";

const { entry, js } = order();
const bundle = await rollup({
  input: entry,
  onwarn: () => {},
  plugins: [
    replace({ preventAssignment: true, "process.env.NODE_ENV": '"production"' }),
    resolve({ browser: true }),
    commonjs(),
  ],
});
await bundle.write({ file: js, format: "es", sourcemap: true, plugins: [terser()] });
