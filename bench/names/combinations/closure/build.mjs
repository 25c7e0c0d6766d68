// Google's Closure Compiler, SIMPLE, on what esbuild bundled; closure composes the maps.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build as esbuild } from 'esbuild';
import { getNativeImagePath } from 'google-closure-compiler/lib/utils.js';

// Closure knows no private members; esbuild's stand-ins for those of this class it refuses.
const public_ = {
  name: 'public',
  setup: (build) => build.onLoad({ filter: /undici\/lib\/web\/websocket\/events\.js$/ }, ({ path: file }) => ({ contents: readFileSync(file, 'utf8').replace(/(?<=[\s.])#(?=[a-z])/g, '_') })),
};

export async function build({ entry, out }) {
  const bundle = path.join(out, 'bundle.js');
  await esbuild({
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    sourcemap: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2020',
    supported: { 'class-field': true, 'class-static-field': true },
    plugins: [public_],
    jsx: 'automatic',
    mainFields: ['module', 'main'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const file = path.join(out, 'main.cjs');
  const options = ['--compilation_level=SIMPLE', '--language_in=ECMASCRIPT_NEXT', '--language_out=ECMASCRIPT_NEXT', `--js=${bundle}`, `--js_output_file=${file}`, `--create_source_map=${file}.map`, `--source_map_input=${bundle}|${bundle}.map`, '--source_map_include_content', '--warning_level=QUIET', '--jscomp_off=*', '--env=CUSTOM', '--assume_function_wrapper', '--isolation_mode=NONE'];
  const done = spawnSync(getNativeImagePath(), options, { stdio: 'inherit' });
  if (done.status) throw new Error(`closure ended with ${done.status}`);
}
