// Vite 8 with @sveltejs/vite-plugin-svelte, for a server, minified.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { compile, compileModule } from 'svelte/compiler';
import { build as vite } from 'vite';

export const program = 'combinations/vite-svelte/program/main.ts';

const CONDITIONS = ['svelte', 'node', 'import', 'module', 'default'];

export const build = ({ root, entry, out }) =>
  vite({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [svelte({ configFile: false, compilerOptions: { dev: false }, onwarn() {} })],
    resolve: { mainFields: ['module', 'main'], conditions: CONDITIONS },
    ssr: { noExternal: true, target: 'node', resolve: { mainFields: ['module', 'main'], conditions: CONDITIONS } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { ssr: entry, outDir: out, emptyOutDir: false, minify: true, sourcemap: true, target: 'esnext', rollupOptions: { output: { entryFileNames: 'main.mjs', codeSplitting: false } } },
  });

// Components and modules with runes, by Svelte's own compiler; styles are left out.
export function transform(text, file) {
  if (file.endsWith('.css')) return { code: '', map: JSON.stringify({ version: 3, sources: [file], names: [], mappings: '' }) };
  if (!/\.svelte(\.js)?$/.test(file)) return undefined;
  const options = { filename: file, generate: 'server', dev: false };
  const { js } = file.endsWith('.js') ? compileModule(text, options) : compile(text, { ...options, css: 'external' });
  return { code: js.code, map: JSON.stringify(js.map) };
}
