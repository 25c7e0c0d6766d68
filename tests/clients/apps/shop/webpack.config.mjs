import { alias, entry, hidden, out, plugin, target } from "./options.mjs";

export default {
  mode: "production",
  devtool: hidden ? "hidden-source-map" : "source-map",
  target: target === "node" ? "node" : "web",
  entry: { [target]: entry },
  output: { path: out, filename: target === "node" ? "[name].cjs" : "[name].js", clean: true },
  // The SDK patches what it finds at run time, so a server never bundles it.
  externals: target === "node" ? { "@sentry/node": "commonjs @sentry/node" } : {},
  resolve: { alias, extensions: [".ts", ".js"] },
  module: { rules: [{ test: /\.ts$/, loader: "ts-loader", options: { transpileOnly: true } }] },
  performance: { hints: false },
  plugins: await plugin("webpack", "sentryWebpackPlugin"),
};
