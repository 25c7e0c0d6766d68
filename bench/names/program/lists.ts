// Small functions that every minifier inlines.
export const sum = (numbers: number[]): number => numbers.reduce((a, b) => Math.max(a + b, 0), 0);

export function group<T>(list: T[], by: (item: T) => string): Record<string, T[]> {
  const found: Record<string, T[]> = Object.create(null);
  list.forEach((item) => {
    const key = by(item);
    (found[key] ??= []).push(item);
  });
  return found;
}

export const pipe =
  <T>(...functions: Array<(value: T) => T>) =>
  (value: T): T =>
    functions.reduce((all, each) => each(all), value);

export const once = <T>(make: () => T): (() => T) => {
  const kept: T[] = [];
  return () => {
    if (!kept.at(0)) kept.push(make());
    return kept[0] as T;
  };
};

export default function chunks<T>(list: T[], size: number): T[][] {
  return list.reduce((all: T[][], item: T, index: number) => {
    if (index % size === 0) all.push([]);
    all.at(-1)?.push(item);
    return all;
  }, []);
}
