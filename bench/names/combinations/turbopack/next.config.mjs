import path from 'node:path';
import { fileURLToPath } from 'node:url';

export default {
  bundlePagesRouterDependencies: true,
  experimental: { externalDir: true, serverSourceMaps: true },
  // Next has a list of packages that a server loads as they are; this one of the program's is in it.
  transpilePackages: ['postcss'],
  turbopack: { root: path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))) },
};
