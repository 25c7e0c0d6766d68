// Schemas: zod, yup, ajv, graphql.
import Ajv from 'ajv';
import { buildSchema, execute, GraphQLError, introspectionFromSchema, parse, print, printSchema, validate, visit } from 'graphql';
import * as yup from 'yup';
import * as z from 'zod';

const address = z.object({ street: z.string().min(2), zip: z.string().regex(/^\d{5}$/), lines: z.array(z.string()).max(3).optional() });
const person = z.object({
  name: z.string().trim().min(1).max(99), age: z.number().int().positive(), mail: z.email(), address, born: z.coerce.date(),
  kind: z.enum(['a', 'b']), pet: z.discriminatedUnion('type', [z.object({ type: z.literal('cat'), lives: z.number() }), z.object({ type: z.literal('dog') })]),
  more: z.record(z.string(), z.unknown()).default({}), pair: z.tuple([z.string(), z.number()]), maybe: z.nullable(z.boolean()), any: z.union([z.string(), z.bigint()]),
}).refine((value) => Object.keys(value).length > 3, 'too few').transform((value) => Object.assign(value, { checked: true }));

function zod(): void {
  const good = { name: ' Ada ', age: 36, mail: 'ada@example.org', address: { street: 'Here', zip: '12345', lines: ['x'] }, born: '1815-12-10', kind: 'a', pet: { type: 'cat', lives: 9 }, pair: ['a', 1], maybe: null, any: 'x' };
  person.parse(good);
  const bad = person.safeParse({ ...good, age: -1, mail: 'x', pet: { type: 'cow' }, pair: [1] });
  if (!bad.success) z.prettifyError(bad.error), z.treeifyError(bad.error), bad.error.message.slice(0, 3);
  z.toJSONSchema(address), z.string().transform((s) => s.length).pipe(z.number()).safeParse('abc');
  z.set(z.string()).safeParse(new Set(['a'])), z.map(z.string(), z.number()).safeParse(new Map([['a', 1]])), address.extend({ x: z.iso.datetime() }).partial().safeParse({});
  z.lazy(() => z.array(address)).safeParse([]), z.string().superRefine((value, context) => { if (value.slice(1)) context.addIssue({ code: 'custom', message: 'no' }); }).safeParse('abc');
}

async function yups(): Promise<void> {
  const schema = yup.object({ name: yup.string().required().matches(/a/), age: yup.number().min(3).when('name', ([name], each) => (String(name).includes('a') ? each.required() : each)), tags: yup.array(yup.string()).ensure(), on: yup.date().nullable(), ok: yup.boolean().oneOf([true]), ref: yup.mixed().test('is-ok', 'not ok', (value) => Number.isFinite(value)) });
  await schema.validate({ name: 'ada', age: 4, tags: ['x'], ok: true, ref: 3 });
  await schema.validate({ name: 'zzz', age: 1, ok: false, ref: 'x' }, { abortEarly: false }).catch((error) => String(error.errors.join()).slice(0, 3));
  schema.describe(), schema.cast({ name: 3, age: '4' }, { assert: false }), yup.reach(schema, 'name'), schema.isValidSync({}), schema.pick(['name']).concat(yup.object({ b: yup.string() }));
}

function schemas(): void {
  const ajv = new Ajv({ allErrors: true, code: { source: true } });
  ajv.addFormat('even', (text) => text.length % 2 === 0);
  ajv.addKeyword({ keyword: 'short', validate: (limit: number, value: string) => value.slice(0, limit) === value });
  const validator = ajv.compile({ type: 'object', required: ['a'], properties: { a: { type: 'string', minLength: 2, pattern: '^a' }, b: { type: 'array', items: { $ref: '#/definitions/x' }, uniqueItems: true }, c: { anyOf: [{ type: 'number' }, { const: 3 }] }, d: { short: 3 } }, definitions: { x: { type: 'integer', minimum: 3 } }, additionalProperties: false, if: { required: ['b'] }, then: { required: ['c'] } });
  validator({ a: 'ab', b: [3, 4], c: 1 }), validator({ a: 'x', b: [1, 1], z: 3, d: 'long text' }), ajv.errorsText(validator.errors);
}

async function queries(): Promise<void> {
  const schema = buildSchema('type Query { orders(first: Int = 3): [Order!]! order(id: ID!): Order } "An order" type Order implements Node { id: ID! lines: [Line!] customer: String @deprecated } type Line { sku: String price: Float } interface Node { id: ID! } union Any = Order | Line enum Kind { A B } input In { a: Kind = A }');
  const document = parse('query Q($id: ID!, $n: Int) { a: order(id: $id) { ...F } orders(first: $n) { id lines @include(if: true) { sku price } } __typename } fragment F on Order { id customer }');
  validate(schema, document), validate(schema, parse('{ nothing orders(first: "x") { id { a } } ...G }'));
  visit(document, { Field: { enter: (node) => void node.name.value.slice(1), leave(node) { return node.alias ? undefined : node; } }, Name: (node) => void node.value.trim() });
  const rootValue = { orders: ({ first }: { first: number }) => Array.from({ length: first }, (_u, id) => ({ id, lines: () => [{ sku: 'a', price: async () => Math.round(3.2) }] })), order: async ({ id }: { id: string }) => { await null; if (id.includes('x')) throw new GraphQLError('no'); return { id, customer: () => 'Ada'.toUpperCase() }; } };
  await execute({ schema, document, rootValue, variableValues: { id: '3', n: 2 } });
  await execute({ schema, document, rootValue, variableValues: { id: 'x', n: 'y' } });
  print(document), printSchema(schema), introspectionFromSchema(schema);
}

export const steps = { zod, yups, schemas, queries };
