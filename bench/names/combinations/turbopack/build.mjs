// Turbopack, by `next build`: the program is what a route of its server imports.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

export async function build({ out }) {
  const made = path.join(here, '.next');
  rmSync(made, { recursive: true, force: true });
  execFileSync(process.execPath, [path.join(here, 'node_modules/next/dist/bin/next'), 'build'], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } });
  for (const each of ['server', 'package.json']) cpSync(path.join(made, each), path.join(out, each), { recursive: true });
  symlinkSync(path.join(here, 'node_modules'), path.join(out, 'node_modules'));
  writeFileSync(path.join(out, 'main.cjs'), "Promise.resolve(require('./server/pages/api/program.js')).then(({ default: run }) => run());\n");
}
