// Vite 8 with @vitejs/plugin-vue, for a server, minified.
import vue from '@vitejs/plugin-vue';
import { build as vite, createServer } from 'vite';

export const program = 'combinations/vite-vue/program/main.ts';

const CONDITIONS = ['node', 'import', 'module', 'default'];

export const build = ({ root, entry, out }) =>
  vite({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [vue()],
    resolve: { mainFields: ['module', 'main'], conditions: CONDITIONS },
    ssr: { noExternal: true, target: 'node', resolve: { mainFields: ['module', 'main'], conditions: CONDITIONS } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { ssr: entry, outDir: out, emptyOutDir: false, minify: true, sourcemap: true, target: 'esnext', rollupOptions: { output: { entryFileNames: 'main.mjs', codeSplitting: false } } },
  });

const EXPORT = 'const _export_sfc = (made, given) => { for (const [key, value] of given) made[key] = value; return made; };';

// A server only so that the plugin compiles a component, types taken out, to one module.
let plugin;

async function compiler() {
  const server = await createServer({ configFile: false, logLevel: 'error', mode: 'production', appType: 'custom', plugins: [vue()], server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
  return server.config.plugins.find((each) => each.name === 'vite:vue');
}

export async function transform(text, file) {
  if (file.endsWith('.css')) return { code: '', map: JSON.stringify({ version: 3, sources: [file], names: [], mappings: '' }) };
  if (!file.endsWith('.vue')) return undefined;
  plugin ??= compiler();
  const context = { error: (error) => { throw error; }, warn() {}, addWatchFile() {}, environment: { config: { consumer: 'server' } } };
  const { code, map } = await (await plugin).transform.handler.call(context, text, file, { ssr: true });
  return { code: code.replace(/import _export_sfc from .*/, EXPORT), map: JSON.stringify(map) };
}
