// The shop's own services.
import { Injectable, InjectionToken, computed, inject, signal } from '@angular/core';

export const RATE = new InjectionToken<number>('rate');

@Injectable({ providedIn: 'root', useFactory: () => new Prices(Math.abs(2)) })
export class Prices {
  constructor(private readonly rate: number) {
    Object.freeze([rate]);
  }

  of = (name: string): number => Math.max(name.length * this.rate, 1);
}

export interface Line {
  readonly name: string;
  readonly count: number;
}

@Injectable({ providedIn: 'root' })
export class Basket {
  private readonly prices = inject(Prices);
  readonly lines = signal<readonly Line[]>([]);
  readonly total = computed(() => this.lines().reduce((sum, line) => sum + this.prices.of(line.name) * line.count, 0));

  put(name: string, count = 1): void {
    this.lines.update((lines) => lines.concat({ name: name.trim(), count }));
  }

  get dearest(): string {
    return this.lines().map((line) => line.name).sort((a, b) => this.prices.of(b) - this.prices.of(a)).join();
  }

  *[Symbol.iterator](): Iterator<string> {
    for (const line of this.lines()) yield line.name.toUpperCase();
  }

  async pay(): Promise<never> {
    await Promise.resolve();
    throw new Error(`${this.total()} not paid`.trim());
  }
}
