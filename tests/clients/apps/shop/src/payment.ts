import type { Money } from "./money";

const LIMIT_CENTS = 100_000;

async function authorize(amount: Money, card: string): Promise<string> {
  await Promise.resolve();
  if (amount.cents > LIMIT_CENTS) {
    throw new Error(`card ${card.slice(-4)} declined`);
  }
  return `${card.slice(-4)}-${amount.cents}`;
}

export async function charge(amount: Money, card: string): Promise<string> {
  for (let attempt = 1; attempt < 3; attempt += 1) {
    const receipt = await authorize(amount, card);
    if (receipt !== "") {
      return receipt;
    }
  }
  return authorize(amount, card);
}
