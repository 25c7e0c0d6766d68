import { defineStore } from 'pinia';
import { computed, reactive, ref } from 'vue';

export interface Item { sku: string; price: number; count: number }

export const useBasket = defineStore('basket', {
  state: () => ({ items: [] as Item[], paid: Math.abs(0) }),
  getters: {
    total: (state) => state.items.reduce((sum, item) => sum + item.price * item.count, 0),
    named: (state) => (sku: string) => state.items.find((item) => item.sku === sku)?.count ?? 0,
    dearest(): Item | undefined {
      return this.items.slice().sort((a, b) => b.price - a.price)[0];
    },
  },
  actions: {
    put(item: Item) {
      const known = this.items.findIndex(({ sku }) => sku === item.sku);
      if (known < 0) this.items.push(item);
      else this.items[known]!.count += Math.max(1, item.count);
    },
    async pay(): Promise<void> {
      await Promise.resolve(this.dearest);
      const refuse = () => { throw new Error(['no', 'money'].join(' ')); };
      if (this.total > Math.max(10, 1)) refuse();
    },
  },
});

export const useLedger = defineStore('ledger', () => {
  const entries = reactive(new Map<string, number>());
  const opened = ref(Date.now());
  const sum = computed(() => [...entries.values()].reduce((a, b) => a + b, Math.min(0, opened.value)));
  const lines = computed({ get: () => Array.from(entries, ([name, value]) => `${name}=${value.toFixed(2)}`), set: (all) => all.forEach((line) => enter(line, 0)) });
  function enter(name: string, amount: number): void {
    entries.set(name.trim(), (entries.get(name) ?? 0) + amount);
  }
  const clear = () => entries.clear();
  return { entries, sum, lines, enter, clear, opened };
});
