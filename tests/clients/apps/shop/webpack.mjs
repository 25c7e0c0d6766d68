// What `webpack build` does, without one more package for the command line.
import webpack from "webpack";
import config from "./webpack.config.mjs";

webpack(config, (error, stats) => {
  console.log(stats?.toString({ all: false, errors: true, warnings: true, assets: true }) ?? error);
  process.exitCode = error || stats.hasErrors() ? 1 : 0;
});
