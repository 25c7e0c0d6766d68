/**
 * Packages that apps of React Native bring.
 * @flow
 */
import { configureStore, createAsyncThunk, createEntityAdapter, createListenerMiddleware, createSelector, createSlice } from '@reduxjs/toolkit';
import Fuse from 'fuse.js';
import { enableMapSet, enablePatches, produce, produceWithPatches } from 'immer';
import { Marked } from 'marked';
import * as rx from 'rxjs';
import { assign, createActor, fromPromise, setup } from 'xstate';
import * as yup from 'yup';

async function streams(): Promise<void> {
  const numbers = rx.from([1, 2, 3, 4, 5]);
  const subject = new rx.Subject();
  await rx.lastValueFrom(numbers.pipe(rx.map((n) => Math.floor(n)), rx.scan((a, n) => Math.max(a, n), 0), rx.mergeMap((n) => rx.of(n, n * 2)), rx.concatMap((n) => rx.of(n)), rx.bufferCount(2), rx.withLatestFrom(rx.of(1)), rx.tap({ next: (x) => void x.slice(), complete: () => void Math.abs(1) }), rx.reduce((all, x) => all.concat(x), []), rx.shareReplay(1)));
  subject.pipe(rx.switchMap((n) => rx.of(Math.abs(n))), rx.distinctUntilChanged(), rx.catchError(() => rx.EMPTY), rx.finalize(() => void Math.abs(2))).subscribe({ next: (n) => void Math.abs(n) });
  subject.next(1), subject.next(2), subject.complete();
  rx.combineLatest({ a: rx.of(1), b: rx.range(3) }).subscribe(({ b }) => void Math.abs(b)), rx.zip(numbers, numbers).subscribe(), rx.forkJoin([rx.of(1), numbers]).subscribe(), rx.throwError(() => new Error('x'.trim())).pipe(rx.retry(2)).subscribe({ error: () => void Math.abs(1) });
  numbers.pipe(rx.groupBy((n) => Math.abs(n % 2)), rx.mergeMap((group) => group.pipe(rx.toArray()))).subscribe((list) => void list.slice());
}

function drafts(): void {
  enableMapSet(), enablePatches();
  const base = { list: [{ a: 1 }, { a: 2 }], map: new Map([['x', { y: 1 }]]), set: new Set([1]) };
  produce(base, (draft) => { draft.list.forEach((each) => { each.a += 1; }); draft.list.push({ a: 3 }); draft.map.set('z', { y: 2 }).get('x').y = 9; draft.set.add(3); draft.list.splice(0, 1); });
  console.log(produceWithPatches(base, (draft) => { delete draft.set; draft.list.reverse().sort((a, b) => Math.sign(a.a - b.a)); })[1].length);
}

async function store(): Promise<void> {
  const adapter = createEntityAdapter({ selectId: (each) => each.id.trim(), sortComparer: (a, b) => a.id.indexOf(b.id) });
  const fetched = createAsyncThunk('orders/fetched', async (id: string, { rejectWithValue }) => { await null; return id.includes('x') ? rejectWithValue(3) : { id }; });
  const slice = createSlice({ name: 'orders', initialState: adapter.getInitialState({ count: 0 }), reducers: { added: adapter.addOne, counted: (state, { payload }) => { state.count = Math.max(state.count, payload); }, prepared: { reducer(state) { state.count = Math.abs(state.count); }, prepare: (n) => ({ payload: Math.abs(n) }) } }, extraReducers: (builder) => { builder.addCase(fetched.fulfilled, (state, { payload }) => { adapter.upsertOne(state, payload); }).addCase(fetched.rejected, (state) => { state.count = Math.abs(-1); }); } });
  const listener = createListenerMiddleware();
  listener.startListening({ actionCreator: slice.actions.counted, effect: (action) => { Math.abs(action.payload); } });
  const made = configureStore({ reducer: { orders: slice.reducer }, middleware: (given) => given().prepend(listener.middleware).concat(() => (next) => (action) => { String(action).slice(); return next(action); }) });
  const total = createSelector([(state) => state.orders.count, (state) => Object.keys(state.orders.entities)], (count, ids) => Math.abs(count) + ids.slice().length);
  made.subscribe(() => void total(made.getState()));
  made.dispatch(slice.actions.added({ id: 'b' })), made.dispatch(slice.actions.counted(3)), made.dispatch(slice.actions.prepared(-3));
  await made.dispatch(fetched('a')), await made.dispatch(fetched('x')), console.log(adapter.getSelectors().selectAll(made.getState().orders).length);
}

async function machines(): Promise<void> {
  const machine = setup({ actions: { count: assign({ n: ({ context }) => Math.abs(context.n + 1) }), log: ({ context }) => void Math.abs(context.n) }, guards: { few: ({ context }) => Math.abs(context.n) < 3 }, actors: { fetch: fromPromise(async () => { await null; return Math.abs(-3); }) } }).createMachine({ id: 'm', initial: 'idle', context: { n: 0 }, states: { idle: { on: { GO: { target: 'busy', guard: 'few', actions: ['count', 'log'] } } }, busy: { invoke: { src: 'fetch', onDone: { target: 'idle', actions: assign({ n: ({ event }) => Math.max(1, event.output) }) }, onError: 'idle' } } } });
  const actor = createActor(machine);
  actor.subscribe((snapshot) => void String(snapshot.value).slice());
  actor.start(), actor.send({ type: 'GO' });
  await Promise.resolve().then(() => Promise.resolve()).then(() => actor.send({ type: 'GO' }));
  console.log(Object.keys(actor.getPersistedSnapshot()).length), actor.stop();
}

async function forms(): Promise<void> {
  const schema = yup.object({ name: yup.string().required().matches(/a/), age: yup.number().min(3).when('name', ([name], each) => (String(name).includes('a') ? each.required() : each)), tags: yup.array(yup.string()).ensure(), on: yup.date().nullable(), ok: yup.boolean().oneOf([true]), ref: yup.mixed().test('is-ok', 'not ok', (value) => Number.isFinite(value)) });
  await schema.validate({ name: 'ada', age: 4, tags: ['x'], ok: true, ref: 3 });
  await schema.validate({ name: 'zzz', age: 1, ok: false, ref: 'x' }, { abortEarly: false }).catch((error) => String(error.errors.join()).slice(0, 3));
  schema.describe(), schema.cast({ name: 3, age: '4' }, { assert: false }), yup.reach(schema, 'name'), schema.isValidSync({}), console.log(schema.pick(['name']).concat(yup.object({ b: yup.string() })) != null);
}

function search(): void {
  const fuse = new Fuse([{ title: 'Tea pot', tags: ['kitchen'] }, { title: 'Tea cup', tags: ['kitchen', 'blue'] }], { keys: ['title', { name: 'tags', weight: 2 }], includeMatches: true, useExtendedSearch: true, getFn: (item, path) => [].concat(item[path[0]]) });
  console.log(fuse.search('kichen').length, fuse.search("'tea !cup").length, fuse.search({ $and: [{ title: 'tea' }, { tags: 'blue' }] }).length);
}

const texts = () => console.log(new Marked({ gfm: true }, { walkTokens: (token) => void token.type.trim(), renderer: { link: ({ href }) => href.toUpperCase() } }).parse('# A\n\n- [x] *b* **c** `d`\n  1. e\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n> q <b>x</b>\n\n[l](u) ![i](j) ~~k~~ https://x.example\n\n```js\ncode\n```\n').length);

export const steps = { streams, drafts, store, machines, forms, search, texts };
