import type { Cart } from "./cart";

const SHELF = new Map([
  ["anchor", 2],
  ["shackle", 40],
]);

export function* reservations(cart: Cart): Generator<string, void, undefined> {
  for (const line of cart.lines) {
    const left = SHELF.get(line.name) ?? 0;
    if (left < line.quantity) {
      throw new Error(`only ${left} of ${line.name} left`);
    }
    yield `${line.quantity} × ${line.name}`;
  }
}

export function reserve(cart: Cart): string[] {
  const notes: string[] = [];
  for (const note of reservations(cart)) {
    notes.push(note);
  }
  return notes;
}
