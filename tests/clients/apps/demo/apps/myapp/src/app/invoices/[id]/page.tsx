import type { Metadata } from "next";
import { getPostedInvoice, totalOf } from "@/lib/actions/invoices";
import type { PostedInvoice } from "@/lib/actions/invoices";
import { currentReader } from "@/lib/reader";

interface InvoicePageProps {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: InvoicePageProps): Promise<Metadata> {
  const { id } = await params;
  const invoice = await fetchInvoiceData(id);
  return { title: `Invoice ${invoice.number} for ${invoice.customer}` };
}

export default async function InvoicePage({ params }: InvoicePageProps) {
  const { id } = await params;
  return (
    <article>
      <h1>Invoice {id}</h1>
      <p>Thank you for your order.</p>
    </article>
  );
}

/** Money is written as the reader's language writes it,
 *  which is not always the language of the customer. */
async function fetchInvoiceData(id: string): Promise<PostedInvoice & { total: string }> {
  const reader = await currentReader();
  const { locale } = reader;
  const invoice = await getPostedInvoice(id, locale);
  return { ...invoice, total: await totalOf(invoice, locale) };
}
