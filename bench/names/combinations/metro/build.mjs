// Metro as for React Native, its map with x_facebook_sources, minified by terser. Sources are Flow's.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import babel from '@babel/core';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

export const program = 'combinations/metro/program/main.js';
export const conditions = ['import', 'default'];
export const extensions = ['.js.flow', '.js', '.json'];

// `polyfills` are files of this folder that come first.
export async function bundle({ out, minify, polyfills = [] }) {
  const Metro = require('metro');
  const config = await Metro.loadConfig({ cwd: here, config: undefined }, {
    projectRoot: here,
    watchFolders: [],
    cacheStores: [],
    maxWorkers: 1,
    resetCache: true,
    reporter: { update() {} },
    resolver: { sourceExts: ['js.flow', 'js', 'json'], useWatchman: false, resolverMainFields: ['module', 'main'] },
    serializer: { getPolyfills: () => polyfills, getModulesRunBeforeMainModule: () => [] },
    transformer: { babelTransformerPath: require.resolve('@react-native/metro-babel-transformer'), enableBabelRCLookup: false, getTransformOptions: async () => ({ transform: { inlineRequires: false, experimentalImportSupport: false } }) },
  });
  const { code, map } = await Metro.runBuild(config, { entry: path.join(here, 'program/main.js'), dev: false, minify, platform: 'android', sourceMap: true, out: path.join(out, 'bundle.js') });
  return { code, map };
}

export async function build({ out }) {
  const { code, map } = await bundle({ out, minify: true });
  writeFileSync(path.join(out, 'main.cjs'), code);
  writeFileSync(path.join(out, 'main.cjs.map'), map);
}

// Only Flow's types go.
export function transform(text, file) {
  if (!/\.js(\.flow)?$/.test(file) || !/@flow|\.flow$/.test(text.slice(0, 2000) + file)) return undefined;
  const { code, map } = babel.transformSync(text, {
    filename: file, babelrc: false, configFile: false, sourceMaps: true, compact: false,
    plugins: [[require.resolve('babel-plugin-syntax-hermes-parser'), { parseLangTypes: 'flow' }], require.resolve('@babel/plugin-transform-flow-strip-types')],
  });
  return { code, map: JSON.stringify(map) };
}
