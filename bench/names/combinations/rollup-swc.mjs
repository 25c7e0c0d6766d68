// Rollup, its output minified by @swc/core.
import { minify } from '@swc/core';
import { bundle } from './rollup-terser.mjs';

export const build = (given) =>
  bundle(given, {
    name: 'swc',
    renderChunk: (code) => minify(code, { module: true, sourceMap: true, compress: true, mangle: true }),
  });
