// Everything the program does, step by step. A step that fails says so and leaves the others alone.
import { steps as shop } from './shop';
import { steps as algorithms } from './algorithms';
import { steps as validation } from './validation';
import { steps as text } from './text';
import { steps as state } from './state';
import { steps as pages } from './pages';
import { steps as shapes } from './shapes';

type Step = () => unknown;

async function walk(steps: Record<string, Step>): Promise<void> {
  for (const [name, step] of Object.entries(steps)) {
    (globalThis as { nextStep?: Step }).nextStep?.();
    try {
      await step();
    } catch (error) {
      console.log(`step ${name} failed: ${String(error).slice(0, 300)}`);
    }
  }
}

async function main(): Promise<void> {
  for (const steps of [shapes, shop, algorithms, validation, text, state, pages]) await walk(steps);
}

main().then(() => process.exit(0));
