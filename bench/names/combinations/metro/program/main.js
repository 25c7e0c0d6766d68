/**
 * Everything the Flow program does, step by step. A step that fails says so and leaves the others alone.
 * @flow
 */
import { steps as shop } from './shop';
import { steps as libraries } from './libraries';
import { steps as packages } from './packages';
import { steps as queries } from './queries';

async function walk(steps: { [name: string]: () => mixed }): Promise<void> {
  for (const name of Object.keys(steps)) {
    globalThis.nextStep?.();
    try {
      await steps[name]();
    } catch (error) {
      console.log(`step ${name} failed: ${String(error.stack).slice(0, 600)}`);
    }
  }
}

async function main(): Promise<void> {
  for (const steps of [shop, libraries, queries, packages]) await walk(steps);
}

main().then(() => globalThis.finished?.());
