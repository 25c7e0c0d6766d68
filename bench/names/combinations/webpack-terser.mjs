// webpack 5 with what it has of its own: terser.
import webpack from 'webpack';

const IMPORTS = { mainFields: ['module', 'main'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] };

export const configuration = ({ entry, out }, minimizer) => ({
  mode: 'production',
  target: 'node20',
  entry,
  devtool: 'source-map',
  output: { path: out, filename: 'main.cjs', devtoolModuleFilenameTemplate: '[resource-path]' },
  resolve: { ...IMPORTS, byDependency: { esm: { conditionNames: ['node', 'import', 'module', 'default'] }, commonjs: { conditionNames: ['node', 'require', 'default'] } } },
  module: {
    parser: { javascript: { exportsPresence: 'warn' } },
    rules: [
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      {
        test: /\.tsx?$/,
        loader: 'swc-loader',
        options: { jsc: { target: 'esnext', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } }, sourceMaps: true },
      },
    ],
  },
  optimization: { minimize: true, ...(minimizer ? { minimizer: [minimizer] } : {}) },
});

export const run = (options) =>
  new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error || stats.hasErrors()) reject(error || new Error(stats.toString('errors-only')));
      else resolve();
    });
  });

export const build = (given) => run(configuration(given));
