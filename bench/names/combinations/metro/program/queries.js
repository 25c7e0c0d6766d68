/**
 * GraphQL 15 brings its sources as they were written for Flow.
 * @flow
 */
import { buildSchema, extendSchema, graphql, introspectionFromSchema, lexicographicSortSchema, parse, print, printSchema, validate, visit, buildClientSchema, findBreakingChanges, separateOperations, stripIgnoredCharacters, TypeInfo, visitWithTypeInfo } from 'graphql';

const SCHEMA = 'interface Named { name: String! } "A thing" type Item implements Named { name: String!, price(currency: Currency = EUR): Float @deprecated(reason: "x"), tags: [String!]! } enum Currency { EUR USD } union Any = Item | Shop input Filter { text: String = "a", limit: Int } type Shop { items(filter: Filter): [Item] one(id: ID!): Item } type Query { shop: Shop any: [Any] } type Mutation { put(name: String): Item } scalar Date directive @cached(for: Int) on FIELD';
const QUERY = 'query Q($limit: Int = 3, $on: Boolean!) { shop { items(filter: { text: "a", limit: $limit }) { ...F price(currency: USD) @include(if: $on) } } any { __typename ... on Item { name } } } fragment F on Item { name tags }';
const root = { shop: () => ({ items: ({ filter }) => ['tea', 'cup'].map((name) => ({ name, price: () => Math.abs(3), tags: async () => [name.trim()] })) }), any: () => [{ __typename: 'Item', name: 'x'.trim() }] };

export const steps = {
  async ask(): Promise<void> {
    const schema = buildSchema(SCHEMA);
    const answer = await graphql(schema, QUERY, root, {}, { on: true });
    console.log('answered', JSON.stringify(answer).length);
    await graphql(schema, '{ shop { nothing } }', root), await graphql(schema, '{ shop {', root), await graphql(schema, 'mutation { put(name: 3) { name } }', root);
  },
  check(): void {
    const schema = buildSchema(SCHEMA);
    const types = new TypeInfo(schema);
    visit(parse(QUERY), visitWithTypeInfo(types, { Field: { enter: (node) => void node.name.value.trim(), leave(node) { void String(types.getType()).slice(); } } }));
    console.log(validate(schema, parse('query A { shop { x items(y: 1) { name { z } } } ...G } fragment H on Nope { a } query A { any }')).length, print(parse(QUERY)).length, separateOperations(parse(QUERY)) != null, stripIgnoredCharacters(QUERY).length);
  },
  shape(): void {
    const schema = extendSchema(buildSchema(SCHEMA), parse('extend type Item { more: Int } extend enum Currency { GBP }'));
    const client = buildClientSchema(introspectionFromSchema(lexicographicSortSchema(schema)));
    console.log(printSchema(client).length, findBreakingChanges(schema, buildSchema('type Query { shop: Int }')).length);
  },
};
