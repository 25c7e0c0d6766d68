export interface Card {
  number: string;
  holder: string;
}

export interface Payment {
  invoiceId: string;
  lastFour: string;
}

export class Till {
  charge(card: Card | undefined): string {
    if (card === undefined) {
      throw new Error("No card to charge");
    }
    return card.number.slice(-4);
  }

  pay(invoiceId: string, card: Card | undefined): Payment {
    const lastFour = this.charge(card);
    console.info("paid", invoiceId);
    return { invoiceId, lastFour };
  }
}
