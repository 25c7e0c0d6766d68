// Metro as React Native runs it; with `hermes`, its bundle compiled to bytecode and the maps composed.
import { execFileSync } from "node:child_process";
import { readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { order } from "./order.mjs";

const require = createRequire(import.meta.url);
const { entry, js, options } = order();
const Metro = require("metro");
const config = await Metro.loadConfig({ config: undefined, cwd: dirname(entry) }, {
  projectRoot: dirname(dirname(entry)),
  reporter: { update: () => {} },
  cacheStores: [],
  maxWorkers: 1,
  transformer: { babelTransformerPath: require.resolve("@react-native/metro-babel-transformer") },
  resolver: { useWatchman: false },
  serializer: { getPolyfills: () => [], getModulesRunBeforeMainModule: () => [] },
});
await Metro.runBuild(config, {
  entry,
  dev: false,
  minify: !options.hermes,
  platform: "android",
  sourceMap: true,
  sourceMapUrl: "index.bundle.map",
  out: js,
});
if (!js.endsWith(".bundle.js")) await rename(`${js.replace(/\.js$/, "")}.bundle.js`, js).catch(() => {});
await rename(js.replace(/\.js$/, ".map"), `${js}.map`).catch(() => {});
if (options.hermes) {
  const hermesc = join(dirname(require.resolve("hermes-compiler/package.json")), "hermesc/linux64-bin/hermesc");
  const bytecode = `${js}.hbc`;
  execFileSync(hermesc, ["-O", "-emit-binary", "-output-source-map", "-w", "-out", bytecode, js]);
  const { composeSourceMaps } = require("metro-source-map");
  const read = async (file) => JSON.parse(await readFile(file, "utf8"));
  const composed = composeSourceMaps([await read(`${js}.map`), await read(`${bytecode}.map`)]);
  await writeFile(`${js}.map`, JSON.stringify(composed));
  await rename(bytecode, js);
}
