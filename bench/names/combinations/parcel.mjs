// Parcel 2: swc bundles scopes together and minifies.
import { Parcel } from '@parcel/core';

export async function build({ entry, root, out }) {
  await new Parcel({
    entries: entry,
    defaultConfig: '@parcel/config-default',
    mode: 'production',
    cacheDir: `${out}/.cache`,
    shouldDisableCache: true,
    defaultTargetOptions: { engines: { node: '>= 20' }, shouldOptimize: true, shouldScopeHoist: true, sourceMaps: true },
    targets: {
      main: { distDir: out, distEntry: 'main.cjs', context: 'node', outputFormat: 'commonjs', isLibrary: false, includeNodeModules: true, optimize: true, scopeHoist: true, sourceMap: { inlineSources: true }, engines: { node: '>= 20' } },
    },
    projectRoot: root,
  }).run();
}
