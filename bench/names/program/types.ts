export interface Line {
  sku: string;
  price: number;
  count: number;
}

export interface Order {
  id: string;
  customer: string;
  lines: Line[];
}
