import * as carbon from 'carbon-components-svelte';
import * as flowbite from 'flowbite-svelte';
import * as bits from 'bits-ui';
import * as charts from 'layerchart';
import * as flow from '@xyflow/svelte';
import * as ux from 'svelte-ux';
import { addMessages, date, init, number, time, _ } from 'svelte-i18n';
import { createRawSnippet } from 'svelte';
import { get } from 'svelte/store';
import { render } from 'svelte/server';
import type { Component } from 'svelte';
import Bits from './Bits.svelte';
import Charts from './Charts.svelte';

const SAMPLE = {
  title: 'Orders', labelText: 'Name', text: 'x', value: 'a', items: [{ id: '0', text: 'Slack', value: 'a', label: 'A', name: 'A' }, { id: '1', text: 'Mail', value: 'b', label: 'B', name: 'B' }], headers: [{ key: 'name', value: 'Name', sort: (a: string, b: string) => a.localeCompare(b) }],
  rows: [{ id: 'a', name: 'Ada', port: 3 }, { id: 'b', name: 'Grace', port: 1 }], sortable: true, nodes: [{ id: 1, text: 'a', nodes: [{ id: 2, text: 'b' }] }], open: true, totalItems: 40, pageSizes: [5, 10], selectedId: '0', max: 10, min: 0, code: 'x = 1', href: '/x', size: 'sm', color: 'red', steps: ['a', 'b'], total: 5, images: [{ src: 'a.png', alt: 'a' }], progress: 40,
};
const children = createRawSnippet(() => ({ render: () => `<i>${'x'.repeat(2)}</i>` }));

function everything(library: Record<string, unknown>): void {
  let drawn = 0;
  for (const [name, component] of Object.entries(library)) {
    if (typeof component !== 'function' || !/^[A-Z]/.test(name)) continue;
    for (const properties of [SAMPLE, { ...SAMPLE, value: 3, size: 'md' }, { ...SAMPLE, value: ['a'], children, open: false }, { children }]) {
      try {
        drawn += render(component as Component, { props: properties as never }).body.length > 0 ? 1 : 0;
      } catch {
        // What wants more than it was given was drawn as far as it could be.
      }
    }
  }
  console.log('drawn', drawn);
}

function words(): void {
  addMessages('en', { cart: { lines: '{count, plural, one {# line} other {# lines}} for {name}', kind: '{kind, select, a {A} other {B}}' } });
  addMessages('de', { cart: { lines: '{count, number} Zeilen' } });
  init({ fallbackLocale: 'en', initialLocale: 'de-AT', formats: { number: { euros: { style: 'currency', currency: 'EUR' } }, date: {}, time: {} }, handleMissingMessage: ({ id }) => id.trim() });
  console.log(get(_)('cart.lines', { values: { count: 3, name: 'Ada' } }), get(_)('cart.kind', { locale: 'en', values: { kind: 'a' } }), get(_)('cart.none'), get(number)(3, { format: 'euros' }), get(date)(new Date(2026, 1, 2), { format: 'medium' }), get(time)(new Date(2026, 1, 2)));
}

const diagram = { nodes: [{ id: 'a', position: { x: 0, y: 0 }, data: { label: 'A' }, width: 50, height: 20 }, { id: 'b', position: { x: 90, y: 60 }, data: { label: 'B' }, width: 50, height: 20, parentId: 'a' }], edges: [{ id: 'e', source: 'a', target: 'b', type: 'smoothstep' }], fitView: true, width: 300, height: 200 };

function geometry(): void {
  const at = { sourceX: 0, sourceY: 3, targetX: 40, targetY: 70, sourcePosition: flow.Position.Right, targetPosition: flow.Position.Top };
  console.log(flow.getBezierPath(at)[0], flow.getSmoothStepPath(at)[0].length, flow.getStraightPath(at)[1], flow.getNodesBounds(diagram.nodes).width, flow.getViewportForBounds({ x: 0, y: 0, width: 9, height: 9 }, 90, 90, 0.5, 2, 0.1).zoom, flow.addEdge({ source: 'b', target: 'a', sourceHandle: null, targetHandle: null }, diagram.edges).length, flow.getConnectedEdges(diagram.nodes, diagram.edges).length, flow.getOutgoers(diagram.nodes[0]!, diagram.nodes, diagram.edges).length);
  console.log(render(flow.SvelteFlow as Component, { props: diagram as never }).body.length > 100);
}

export const steps = { carbon: () => everything(carbon), flowbite: () => everything(flowbite), bits: () => console.log(render(Bits as Component, {}).body.length > 100), charts: () => console.log('charts', render(Charts as Component, {}).body.length), marks: () => everything(charts), ux: () => everything(ux), geometry, words, separately: () => everything(Object.assign({}, ...Object.values(bits).filter((each) => typeof each === 'object'))) };
