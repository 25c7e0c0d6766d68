// What Metro bundles, not minified, as bytecode; Hermes runs it and prints offsets into that.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../metro/build.mjs';

export { transform, conditions, extensions } from '../metro/build.mjs';

export const program = 'combinations/metro/program/main.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const SYSTEM = { linux: 'linux64-bin', darwin: 'osx-bin', win32: 'win64-bin' }[process.platform];
const tool = (name) => path.join(here, 'node_modules/hermes-engine-cli', SYSTEM, name);
const ADDRESS = /^FRAME\s+at (.*?) \(address at .*:1:(\d+)\)$/gm;
const CAPTURES = 400;

export async function build({ root, out }) {
  const file = path.join(out, 'main.hbc');
  const script = path.join(out, 'bundle.js');
  const builtins = readFileSync(path.join(root, 'harness/builtins.json'), 'utf8');
  const hooks = path.join(here, '../metro/hooks.js');
  writeFileSync(hooks, `${readFileSync(path.join(here, 'hooks.js'), 'utf8').trimEnd()}(${builtins}, ${CAPTURES});\n`);
  const { code, map } = await bundle({ out, minify: false, polyfills: [hooks] });
  writeFileSync(script, code);
  execFileSync(tool('hermesc'), ['-O', '-w', '-emit-binary', '-output-source-map', '-out', file, script]);
  const { composeSourceMaps } = createRequire(new URL('../metro/build.mjs', import.meta.url))('metro-source-map');
  const composed = composeSourceMaps([JSON.parse(map), JSON.parse(readFileSync(`${file}.map`, 'utf8'))]);
  writeFileSync(`${file}.map`, JSON.stringify(composed));
  const said = execFileSync(tool('hermes'), [file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  console.log(said.replace(/^FRAME.*\n/gm, ''));
  const frames = [...said.matchAll(ADDRESS)].map(([text, called, offset]) => ({ file, line: 1, column: Number(offset) + 1, function: called, text }));
  writeFileSync(path.join(out, 'frames.json'), JSON.stringify(frames));
}
