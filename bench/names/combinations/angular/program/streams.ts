// Streams of rxjs, and a store of signals.
import { Injector, computed } from '@angular/core';
import { patchState, signalStore, withComputed, withHooks, withMethods, withState } from '@ngrx/signals';
import { addEntities, removeEntity, withEntities } from '@ngrx/signals/entities';
import * as rx from 'rxjs';

const Store = signalStore(
  withState({ filter: 'a'.trim(), page: 1 }),
  withEntities<{ id: number; name: string }>(),
  withComputed(({ entities, filter }) => ({ shown: computed(() => entities().filter((each) => each.name.includes(filter()))) })),
  withMethods((store) => ({ drop: (id: number) => patchState(store, removeEntity(id)), load: () => patchState(store, addEntities(['tea', 'jar'].map((name, id) => ({ id, name })))), look(filter: string) { patchState(store, { filter: filter.trim() }, (state) => ({ page: Math.max(state.page, 2) })); } })),
  withHooks({ onInit: (store) => store.load() }),
);

function signals(): void {
  const store = Injector.create({ providers: [Store] }).get(Store);
  store.look('j'), store.drop(0);
  console.log(store.shown().length, store.page());
}

async function operators(): Promise<void> {
  const words = rx.from(['tea', 'cup', 'pot', 'jar', 'tea']);
  await rx.lastValueFrom(words.pipe(rx.map((word) => word.trim()), rx.distinct(), rx.scan((all, word) => all.concat(word), [] as string[]), rx.mergeMap((all) => rx.of(...all)), rx.bufferCount(2), rx.toArray()));
  await rx.lastValueFrom(rx.combineLatest([words, rx.range(3)]).pipe(rx.groupBy(([word]) => word), rx.mergeMap((group) => group.pipe(rx.reduce((n) => Math.max(n + 1, 0), 0))), rx.switchMap(async (n) => n), rx.defaultIfEmpty(1)));
  await rx.firstValueFrom(rx.throwError(() => new Error('x'.trim())).pipe(rx.retry(1), rx.catchError((error: Error) => rx.of(error.message.slice(1))), rx.finalize(() => void Math.abs(1))));
  await rx.lastValueFrom(rx.timer(0, 1).pipe(rx.take(3), rx.withLatestFrom(words), rx.debounceTime(1), rx.shareReplay(1)));
  await rx.lastValueFrom(rx.forkJoin({ a: words, b: rx.defer(() => rx.of(Math.abs(3))), c: rx.zip(words, words).pipe(rx.pairwise(), rx.skipWhile(([[a]]) => a.trim() === 'x')) }));
  const subject = new rx.BehaviorSubject(1);
  subject.pipe(rx.window(rx.of(1)), rx.concatAll(), rx.tap((n) => void Math.sqrt(n))).subscribe();
  subject.next(2), subject.complete();
}

export const steps = { signals, operators };
