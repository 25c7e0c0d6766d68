// Vite 8 with @vitejs/plugin-vue, for a server, minified.
import { createHash } from 'node:crypto';
import vue from '@vitejs/plugin-vue';
import { build as vite } from 'vite';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';
import { blank, offset, joined } from '../../harness/joined.mjs';

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
    build: { ssr: entry, outDir: out, emptyOutDir: false, minify: true, sourcemap: true, target: 'esnext', rollupOptions: { output: { entryFileNames: 'main.mjs' } } },
  });

// What node can't read: components, compiled by Vue's own compiler, and styles, left out.
export function transform(text, file) {
  if (file.endsWith('.css')) return blank(file, text);
  if (!file.endsWith('.vue')) return undefined;
  const { descriptor } = parse(text, { filename: file, sourceMap: true });
  const id = createHash('sha1').update(file).digest('hex').slice(0, 8);
  const ssr = { ssr: true, ssrCssVars: [] };
  const pieces = [];
  const scripted = descriptor.script || descriptor.scriptSetup;
  let bindings;
  const inlined = Boolean(descriptor.scriptSetup && descriptor.template && !descriptor.template.src);
  if (scripted) {
    const script = compileScript(descriptor, { id, inlineTemplate: inlined, genDefaultAs: '_sfc_main', isProd: true, templateOptions: ssr, sourceMap: true });
    bindings = script.bindings;
    pieces.push({ code: script.content, map: script.map });
  } else pieces.push({ code: 'const _sfc_main = {}' });
  if (descriptor.template && !inlined) {
    const made = compileTemplate({ ...ssr, id, filename: file, isProd: true, source: descriptor.template.content, inMap: descriptor.template.map, compilerOptions: { bindingMetadata: bindings } });
    pieces.push({ code: made.code.replace('export function ssrRender', 'function _sfc_ssrRender').replace('function ssrRender', 'function _sfc_ssrRender'), map: made.map });
    pieces.push({ code: '_sfc_main.ssrRender = _sfc_ssrRender' });
  }
  pieces.push({ code: 'export default _sfc_main' });
  return joined(pieces, file, text, /lang="tsx?"/.test(text));
}
