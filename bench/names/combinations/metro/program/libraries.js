/**
 * Parts of React Native that need no device, as they were written for Flow.
 * @flow
 */
import Easing from 'react-native/Libraries/Animated/Easing';
import EventEmitter from 'react-native/Libraries/vendor/emitter/EventEmitter';
import flattenStyle from 'react-native/Libraries/StyleSheet/flattenStyle';
import deepDiffer from 'react-native/Libraries/Utilities/differ/deepDiffer';
import stringifySafe from 'react-native/Libraries/Utilities/stringifySafe';
import { CellRenderMask } from '@react-native/virtualized-lists/Lists/CellRenderMask';
import ChildListCollection from '@react-native/virtualized-lists/Lists/ChildListCollection';
import DOMRect from '../node_modules/react-native/src/private/webapis/geometry/DOMRect';

export const steps = {
  easing: () => [Easing.linear, Easing.quad, Easing.elastic(2), Easing.bezier(0.1, 0.2, 0.3, 0.4), Easing.inOut(Easing.bounce), Easing.out(Easing.sin), Easing.back(1), Easing.poly(4)].forEach((ease) => [0, 0.2, 0.6, 1].map((at) => Math.abs(ease(at)))),
  events(): void {
    const emitter = new EventEmitter<{ go: [string] }>();
    const subscription = emitter.addListener('go', (name) => void name.trim());
    emitter.emit('go', 'x'), console.log(emitter.listenerCount('go')), subscription.remove(), emitter.removeAllListeners('go');
  },
  styles: () => console.log(flattenStyle([{ a: 1 }, [{ b: 2 }, null]]), deepDiffer({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), stringifySafe({ a: { b: [1, 2, { c: 'd'.repeat(10) }] } })),
  mask(): void {
    const mask = new CellRenderMask(20);
    mask.addCells({ first: 2, last: 5 }), mask.addCells({ first: 4, last: 9 });
    console.log(mask.enumerateRegions().length, mask.equals(new CellRenderMask(20)), mask.numCells());
  },
  children: () => new ChildListCollection().forEach(() => undefined),
  rects: () => console.log(new DOMRect(1, 2, 3, 4).right, DOMRect.fromRect({ x: 1 }).toJSON()),
};
