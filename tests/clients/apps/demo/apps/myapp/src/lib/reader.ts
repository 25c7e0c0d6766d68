import { AsyncLocalStorage } from "node:async_hooks";

/** The one who looks at the page. */
export interface Reader {
  locale: string;
}

export const readers = new AsyncLocalStorage<Reader>();

export async function currentReader(): Promise<Reader> {
  return readers.getStore() ?? { locale: "en" };
}
