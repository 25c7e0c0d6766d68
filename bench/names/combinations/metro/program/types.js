/**
 * @flow
 */
export type Item = { +sku: string, +price: number, ... };
export interface Visitor { visit(name: string): mixed }
