import type { Cart } from "./cart";
import { charge } from "./payment";
import { reserve } from "./stock";

const CARD_DIGITS = 4;

export class CheckoutFailed extends Error {
  override name = "CheckoutFailed";
}

export async function placeOrder(cart: Cart, card: string): Promise<string> {
  const notes = reserve(cart);
  try {
    const receipt = await charge(cart.total(), card);
    if (receipt.length > CARD_DIGITS) {
      notes.unshift(receipt);
    }
    return notes.join("\n");
  } catch (error) {
    throw new CheckoutFailed("the order was not placed", { cause: error });
  }
}
