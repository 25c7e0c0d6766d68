// State and streams: rxjs, immer, redux, mobx, xstate, axios, effect, query-core.
import { configureStore, createAsyncThunk, createEntityAdapter, createListenerMiddleware, createSelector, createSlice } from '@reduxjs/toolkit';
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import axios from 'axios';
import { Effect, Option, pipe, Schema, Stream } from 'effect';
import { enableMapSet, enablePatches, produce, produceWithPatches } from 'immer';
import { autorun, computed, flow, makeAutoObservable, makeObservable, observable, reaction, runInAction, toJS } from 'mobx';
import * as rx from 'rxjs';
import { assign, createActor, fromPromise, setup } from 'xstate';

async function streams(): Promise<void> {
  const subject = new rx.Subject<number>();
  const numbers = rx.from([1, 2, 3, 4, 5]);
  numbers.pipe(rx.map((n) => Math.floor(n)), rx.filter((n) => Number.isInteger(n)), rx.scan((a, n) => Math.max(a, n), 0), rx.mergeMap((n) => rx.of(n, n * 2)), rx.concatMap((n) => rx.of(n)), rx.bufferCount(2), rx.withLatestFrom(rx.of(1)), rx.tap({ next: (x) => void x.slice(), complete: () => void Math.abs(1) }), rx.reduce((all: unknown[], x) => all.concat(x), []), rx.shareReplay(1)).subscribe((x) => x.slice());
  subject.pipe(rx.switchMap((n) => rx.timer(n)), rx.takeUntil(rx.timer(9)), rx.distinctUntilChanged(), rx.catchError(() => rx.EMPTY), rx.finalize(() => void Math.abs(2))).subscribe({ next: (n) => Math.abs(n), error: (e) => String(e).slice() });
  subject.next(1), subject.next(2);
  rx.combineLatest({ a: rx.of(1), b: rx.interval(1).pipe(rx.take(3)) }).subscribe(({ b }) => Math.abs(b)), rx.zip(numbers, numbers.pipe(rx.delay(1))).subscribe(), rx.forkJoin([rx.of(1), rx.timer(1)]).subscribe(), rx.throwError(() => new Error('x'.trim())).pipe(rx.retry(2)).subscribe({ error: () => Math.abs(1) });
  numbers.pipe(rx.groupBy((n) => Math.abs(n % 2)), rx.mergeMap((group) => group.pipe(rx.toArray()))).subscribe((list) => list.slice());
  await rx.lastValueFrom(rx.timer(12));
}

function drafts(): void {
  enableMapSet(), enablePatches();
  const base = { list: [{ a: 1 }, { a: 2 }], map: new Map([['x', { y: 1 }]]), set: new Set([1]) };
  produce(base, (draft) => { draft.list.forEach((each) => { each.a += 1; }); draft.list.push({ a: 3 }); draft.map.set('z', { y: 2 }).get('x')!.y = 9; draft.set.add(3); draft.list.splice(0, 1); });
  produceWithPatches(base, (draft) => { delete (draft as Partial<typeof base>).set; draft.list.reverse().sort((a, b) => Math.sign(a.a - b.a)); });
}

async function store(): Promise<void> {
  const adapter = createEntityAdapter({ selectId: (each: { id: string }) => each.id.trim(), sortComparer: (a, b) => a.id.localeCompare(b.id) });
  const fetched = createAsyncThunk('orders/fetched', async (id: string, { rejectWithValue }) => { await null; return id.includes('x') ? rejectWithValue(3) : { id }; });
  const slice = createSlice({ name: 'orders', initialState: adapter.getInitialState({ count: 0 }), reducers: { added: adapter.addOne, counted: (state, { payload }: { payload: number }) => { state.count = Math.max(state.count, payload); }, prepared: { reducer(state) { state.count = Math.abs(state.count); }, prepare: (n: number) => ({ payload: Math.abs(n) }) } }, extraReducers: (builder) => { builder.addCase(fetched.fulfilled, (state, { payload }) => { adapter.upsertOne(state, payload); }).addCase(fetched.rejected, (state) => { state.count = Math.abs(-1); }); } });
  const listener = createListenerMiddleware();
  listener.startListening({ actionCreator: slice.actions.counted, effect: async (action, api) => { await api.delay(1); Math.abs(action.payload); } });
  const made = configureStore({ reducer: { orders: slice.reducer }, middleware: (given) => given().prepend(listener.middleware).concat(() => (next) => (action) => { String(action).slice(); return next(action); }) });
  const total = createSelector([(state: ReturnType<typeof made.getState>) => state.orders.count, (state) => Object.keys(state.orders.entities)], (count, ids) => Math.abs(count) + ids.slice().length);
  made.subscribe(() => total(made.getState()));
  made.dispatch(slice.actions.added({ id: 'b' })), made.dispatch(slice.actions.counted(3)), made.dispatch(slice.actions.prepared(-3));
  await made.dispatch(fetched('a')), await made.dispatch(fetched('x')), adapter.getSelectors().selectAll(made.getState().orders);
  await new Promise((resolve) => setTimeout(resolve, 5));
}

class Todo {
  title = '';
  done = false;
  constructor() { makeObservable(this, { title: observable, done: observable, label: computed }); }
  get label(): string { return this.title.concat(this.done ? '!' : ''); }
}

class Todos {
  list: Todo[] = [];
  constructor() { makeAutoObservable(this, {}, { autoBind: true }); }
  get open(): number { return this.list.filter((each) => !each.done).length; }
  add(title: string): void { const todo = new Todo(); todo.title = title.trim(); this.list.push(todo); }
  *loaded(): Generator<Promise<string>, void, string> { const title = yield Promise.resolve('x'); this.add(title.trim()); }
}

async function observing(): Promise<void> {
  const todos = new Todos();
  const stop = autorun(() => Math.abs(todos.open));
  reaction(() => todos.list.map((each) => each.label), (labels) => labels.slice(), { delay: 1 });
  todos.add('a'), todos.add('b'), runInAction(() => { todos.list[0]!.done = true; });
  await flow(function* () { yield Promise.resolve(1); todos.list.slice().forEach((each) => each.label.trim()); })();
  observable.map({ a: 1 }).observe_?.call, toJS(todos), stop();
  const map = observable(new Map([['a', { b: 1 }]])); autorun(() => Array.from(map.values()).map((v) => Math.abs(v.b))), runInAction(() => map.set('c', { b: 3 }));
  await new Promise((resolve) => setTimeout(resolve, 5));
}

async function machines(): Promise<void> {
  const machine = setup({ types: {} as { context: { n: number }; events: { type: 'GO' } | { type: 'STOP' } }, actions: { count: assign({ n: ({ context }) => Math.abs(context.n + 1) }), log: ({ context }) => void Math.abs(context.n) }, guards: { few: ({ context }) => Math.abs(context.n) < 3 }, actors: { fetch: fromPromise(async () => { await null; return Math.abs(-3); }) } }).createMachine({ id: 'm', initial: 'idle', context: { n: 0 }, states: { idle: { on: { GO: { target: 'busy', guard: 'few', actions: ['count', 'log'] } } }, busy: { invoke: { src: 'fetch', onDone: { target: 'idle', actions: assign({ n: ({ event }) => Math.max(1, event.output) }) }, onError: 'idle' }, after: { 100: 'idle' }, entry: [() => Math.abs(1)], exit: 'log' } } });
  const actor = createActor(machine);
  actor.subscribe((snapshot) => void String(snapshot.value).slice());
  actor.start(), actor.send({ type: 'GO' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  actor.send({ type: 'GO' }), actor.getPersistedSnapshot(), actor.stop();
}

async function requests(): Promise<void> {
  const client = axios.create({ baseURL: 'http://shop.invalid', adapter: async (config) => { await null; return { data: '{"a":1}', status: String(config.url).includes('bad') ? 500 : 200, statusText: '', headers: {}, config }; }, transformResponse: [(data) => JSON.parse(data)] });
  client.interceptors.request.use((config) => { config.headers.set('X-A', 'b'.trim()); return config; });
  client.interceptors.response.use((response) => response, (error) => { String(error).slice(); return Promise.reject(error); });
  await client.post('/a', { b: [1, { c: 2 }] }, { params: { q: [1, 2], d: new Date(0) } }), await client.get('/b', { headers: { Accept: 'x' }, validateStatus: (status) => Math.abs(status) < 600 }), client.getUri({ url: '/x', params: { a: 1 } });
  await client.postForm('/form', { a: 1, 'b[]': [1, 2] }).catch((error) => String(error).slice());
}

async function effects(): Promise<void> {
  const program = Effect.gen(function* () { const a = yield* Effect.succeed(1); const b = yield* Effect.tryPromise({ try: () => Promise.resolve(Math.abs(2)), catch: (error) => new Error(String(error)) }); if (b > 5) yield* Effect.fail('big'); return Math.max(a, b); });
  await Effect.runPromise(pipe(program, Effect.map((n) => Math.abs(n)), Effect.tap(() => Effect.sleep(1)), Effect.catch(() => Effect.succeed(0))));
  await Effect.runPromise(Stream.make(1, 2, 3).pipe(Stream.map((n) => Math.abs(n)), Stream.filter((n) => Number.isInteger(n)), Stream.runCollect)), pipe(Option.some(1), Option.map((n) => Math.abs(n)), Option.getOrElse(() => 0));
  const person = Schema.Struct({ name: Schema.String, age: Schema.NumberFromString, tags: Schema.Array(Schema.String) });
  Schema.decodeUnknownSync(person)({ name: 'a', age: '3', tags: [] });
  try {
    Schema.decodeUnknownSync(person)({ name: 3 });
  } catch (error) {
    String(error).slice(3);
  }
}

async function fetching(): Promise<void> {
  const client = new QueryClient({ defaultOptions: { queries: { retry: 1, retryDelay: () => Math.abs(1) } } });
  const observer = new QueryObserver(client, { queryKey: ['a', { b: 1 }], queryFn: async () => { await null; return [3, 1].sort((a, b) => Math.sign(a - b)); }, select: (list) => list.map((n) => Math.abs(n)) });
  const stop = observer.subscribe((result) => void String(result.status).slice());
  await client.fetchQuery({ queryKey: ['bad'], queryFn: async () => { await null; throw new Error('x'.trim()); } }).catch(() => Math.abs(1));
  await client.invalidateQueries({ predicate: (query) => query.queryKey.includes('a') }), client.setQueryData(['a', { b: 1 }], (old: number[] | undefined) => old?.concat(3)), stop(), client.clear();
}

export const steps = { streams, drafts, store, observing, machines, requests, effects, fetching };
