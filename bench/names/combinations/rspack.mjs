// Rspack: swc minifies.
import { rspack } from '@rspack/core';

export const build = ({ entry, out }) =>
  new Promise((resolve, reject) => {
    rspack(
      {
        mode: 'production',
        target: 'node20',
        entry,
        devtool: 'source-map',
        output: { path: out, filename: 'main.cjs', devtoolModuleFilenameTemplate: '[resource-path]' },
        resolve: { mainFields: ['module', 'main'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'], byDependency: { esm: { conditionNames: ['node', 'import', 'module', 'default'] }, commonjs: { conditionNames: ['node', 'require', 'default'] } } },
        module: {
          rules: [
            { test: /\.m?js$/, resolve: { fullySpecified: false } },
            {
              test: /\.tsx?$/,
              loader: 'builtin:swc-loader',
              options: { jsc: { target: 'esnext', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } },
              type: 'javascript/auto',
            },
          ],
        },
      },
      (error, stats) => {
        if (error || stats.hasErrors()) reject(error || new Error(stats.toString('errors-only')));
        else resolve();
      },
    );
  });
