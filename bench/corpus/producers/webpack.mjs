import { basename, dirname } from "node:path";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const { default: webpack } = options.rspack ? await import("@rspack/core") : await import("webpack");
const compiler = (webpack.rspack ?? webpack)({
  mode: "production",
  target: options.target ?? "web",
  devtool: "source-map",
  entry,
  context: dirname(entry),
  output: { path: dirname(js), filename: basename(js) },
  performance: false,
  ignoreWarnings: [() => true],
  optimization: { splitChunks: false, runtimeChunk: false },
  plugins: options.rspack
    ? [new webpack.rspack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })]
    : [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
});
await new Promise((resolve, reject) => {
  compiler.run((error, stats) => {
    const failed = error ?? (stats.hasErrors() ? new Error(stats.toString("errors-only")) : null);
    compiler.close(() => (failed ? reject(failed) : resolve()));
  });
});
