"use server";

export interface InvoiceLine {
  description: string;
  quantity: number;
  /** In the smallest unit of the currency. */
  unitPrice: number;
}

export interface Invoice {
  id: string;
  number: string;
  customer: string;
  currency: string;
  status: "draft" | "posted" | "void";
  lines: InvoiceLine[];
}

export interface PostedInvoice extends Invoice {
  status: "posted";
  locale: string;
}

const LEDGER: Invoice[] = [
  {
    id: "1041",
    number: "2026-1041",
    customer: "Northwind",
    currency: "EUR",
    status: "posted",
    lines: [
      { description: "Anchor chain, 10 m", quantity: 2, unitPrice: 18_900 },
      { description: "Shackle", quantity: 8, unitPrice: 450 },
    ],
  },
  {
    id: "1042",
    number: "2026-1042",
    customer: "Contoso",
    currency: "EUR",
    status: "draft",
    lines: [{ description: "Mooring line, 30 m", quantity: 1, unitPrice: 7_200 }],
  },
];

function sum(lines: InvoiceLine[]): number {
  return lines.reduce((total, line) => total + line.quantity * line.unitPrice, 0);
}

function isPosted(invoice: Invoice): invoice is Invoice & { status: "posted" } {
  return invoice.status === "posted";
}

function findInvoice(id: string): Invoice | undefined {
  // The ledger is small, so it is read from the first line.
  return LEDGER.find((invoice) => invoice.id === id);
}

/** What the customer has to pay, written as their language writes money. */
export async function totalOf(invoice: Invoice, locale: string): Promise<string> {
  const money = new Intl.NumberFormat(locale, { style: "currency", currency: invoice.currency });
  return money.format(sum(invoice.lines) / 100);
}

/** Every invoice that may be shown to its customer, the newest first,
 *  each in the language of the one who reads it. */
export async function listPostedInvoices(locale: string): Promise<PostedInvoice[]> {
  return LEDGER.filter(isPosted)
    .map((invoice) => ({ ...invoice, locale }))
    .reverse();
}

/**
 * One invoice, as its customer may see it.
 *
 * A draft has no number that the customer was told, so asking for one is the
 * same mistake as asking for an invoice that never was.
 */
export async function getPostedInvoice(id: string, locale: string): Promise<PostedInvoice> {
  const invoice = findInvoice(id);

  // A number that was never given out looks the same as one that was taken back.
  if (invoice === undefined || !isPosted(invoice)) {
    throw new Error("Invoice not found");
  }

  return { ...invoice, locale };
}
