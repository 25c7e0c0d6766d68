export interface Card {
  number: string;
  holder: string;
}

export interface Payment {
  invoiceId: string;
  lastFour: string;
}

function charge(card: Card | undefined): string {
  if (card === undefined) {
    throw new Error("No card to charge");
  }
  return card.number.slice(-4);
}

export function payment(invoiceId: string, card: Card | undefined): Payment {
  const lastFour = charge(card);
  console.info("paid", invoiceId);
  return { invoiceId, lastFour };
}
