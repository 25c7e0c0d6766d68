// Everything the Vue program does, step by step. A step that fails says so and leaves the others alone.
import { steps as own } from './own';
import { steps as element } from './element';
import { steps as naive } from './naive';
import { steps as prime } from './prime';
import { steps as vuetify } from './vuetify';

type Step = () => unknown;

async function walk(steps: Record<string, Step>): Promise<void> {
  for (const [name, step] of Object.entries(steps)) {
    (globalThis as { nextStep?: Step }).nextStep?.();
    try {
      await step();
    } catch (error) {
      console.log(`step ${name} failed: ${String((error as Error)?.stack ?? error).slice(0, 600)}`);
    }
  }
}

async function main(): Promise<void> {
  for (const steps of [own, element, naive, prime, vuetify]) await walk(steps);
}

main().then(() => process.exit(0));
