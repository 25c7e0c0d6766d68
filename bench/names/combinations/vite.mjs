// Vite 8: Rolldown bundles, oxc minifies.
import path from 'node:path';
import { build as vite } from 'vite';

export const build = ({ entry, root, out }) =>
  vite({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { mainFields: ['module', 'main'], conditions: ['node', 'import', 'module', 'default'] },
    ssr: { noExternal: true, target: 'node', resolve: { mainFields: ['module', 'main'], conditions: ['node', 'import', 'module', 'default'] } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      ssr: entry,
      outDir: out,
      emptyOutDir: false,
      minify: true,
      sourcemap: true,
      target: 'esnext',
      rollupOptions: { output: { entryFileNames: path.basename('main.mjs') } },
    },
  });
