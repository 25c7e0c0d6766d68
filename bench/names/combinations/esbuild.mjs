// esbuild, everything minified, for the newest engines.
import path from 'node:path';
import { build as esbuild } from 'esbuild';

export const build = ({ entry, out }) =>
  esbuild({
    entryPoints: [entry],
    outfile: path.join(out, 'main.mjs'),
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    jsx: 'automatic',
    mainFields: ['module', 'main'],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  });
