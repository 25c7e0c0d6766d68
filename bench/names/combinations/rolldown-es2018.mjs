// Rolldown for older engines: oxc takes out what ES2018 does not have, and minifies.
import path from 'node:path';
import { rolldown } from 'rolldown';

export async function build({ entry, out }) {
  const made = await rolldown({
    input: entry,
    platform: 'node',
    logLevel: 'silent',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['node', 'import', 'module', 'default'] },
    transform: { target: 'es2018', define: { 'process.env.NODE_ENV': '"production"' } },
  });
  await made.write({ file: path.join(out, 'main.mjs'), format: 'es', sourcemap: true, minify: true, codeSplitting: false });
}
