import { derived, get, readable, writable } from 'svelte/store';

export const lines = writable<string[]>(['a', 'b'].map((each) => each), (set) => {
  set(['a', 'b', 'c'].filter((each) => each.trim()));
  return () => void [].concat();
});
export const clock = readable(0, function ticking(set) { set(Math.abs(Date.now())); });
export const joined = derived([lines, clock], ([all, now]) => all.join(String(Math.sign(now))));
export const history = (() => {
  const { subscribe, update } = writable<number[]>([]);
  return { subscribe, push: (each: number) => update((all) => all.concat(each)), reset() { update((all) => all.slice(0, 0)); } };
})();
export const now = (): string => get(joined).toUpperCase();
