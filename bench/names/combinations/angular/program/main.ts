// Everything the Angular program does, step by step. A step that fails says so and leaves the others alone.
import { steps as own } from './own';
import { steps as pages } from './pages';
import { steps as streams } from './streams';

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
  for (const steps of [own, streams, pages]) await walk(steps);
}

main().then(() => (globalThis as unknown as { process: { exit(code: number): void } }).process.exit(0));
