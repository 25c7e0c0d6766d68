// webpack 5 with swc as the minifier.
import Terser from 'terser-webpack-plugin';
import { configuration, run } from './webpack-terser.mjs';

export const build = (given) =>
  run(configuration(given, new Terser({ minify: Terser.swcMinify, terserOptions: { compress: true, mangle: true } })));
