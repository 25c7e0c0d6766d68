import { computed, onMounted, onServerPrefetch, onUnmounted, ref, shallowRef, toValue, watchEffect } from 'vue';
import type { MaybeRefOrGetter, Ref } from 'vue';

export function useCounter({ start = 0, step = 1 }: { start?: number; step?: number } = {}) {
  const count = ref(Math.trunc(start));
  const twice = computed(() => Math.abs(count.value) * 2);
  const up = (times = 1) => { count.value += Math.max(times, 1) * step; };
  function reset(this: void) { count.value = Math.min(start, count.value); }
  onMounted(() => up());
  onUnmounted(reset);
  return { count, twice, up, reset };
}

export const useSearch = <T extends { name: string }>(all: MaybeRefOrGetter<readonly T[]>) => {
  const query: Ref<string> = ref('');
  const matches = (wanted: string, one: T): boolean => one.name.toLowerCase().includes(wanted.toLowerCase());
  const found = computed(() => toValue(all).filter((one) => matches(query.value, one)));
  return { query, found, matches };
};

export function useLoaded<T>(load: () => Promise<T>, otherwise: T) {
  const value = shallowRef(otherwise);
  const failed = ref<string>();
  const fetched = async () => {
    try {
      value.value = await load();
    } catch (error) {
      failed.value = String(error).slice(0, 20);
    }
  };
  onServerPrefetch(fetched);
  watchEffect(() => void String(value.value).trim());
  return { value, failed, fetched };
}
