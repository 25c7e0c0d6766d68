// esbuild for older engines: class fields, private methods, async generators and ?. become helpers.
import path from 'node:path';
import { build as esbuild } from 'esbuild';

export const build = ({ entry, out }) =>
  esbuild({
    entryPoints: [entry],
    outfile: path.join(out, 'main.cjs'),
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2017',
    jsx: 'automatic',
    mainFields: ['module', 'main'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
