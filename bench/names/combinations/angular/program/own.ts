// Forms, injection, signals and stores without a page.
import { EnvironmentInjector, InjectionToken, Injector, computed, createEnvironmentInjector, effect, inject, linkedSignal, runInInjectionContext, signal, untracked } from '@angular/core';
import { FormArray, FormBuilder, FormControl, FormGroup, Validators } from '@angular/forms';
import { DefaultUrlSerializer, UrlTree } from '@angular/router';
import { createAction, createFeature, createReducer, createSelector, on, props } from '@ngrx/store';
import { HttpHeaders, HttpParams } from '@angular/common/http';
import { Basket, Prices, RATE } from './shop/basket';

const LATE = new InjectionToken<string>('late', { factory: () => 'late'.trim() });

function injection(): void {
  const injector = Injector.create({ providers: [{ provide: Prices, useFactory: (rate: number) => new Prices(rate), deps: [RATE] }, { provide: RATE, useValue: 2 }, Basket] });
  const basket = injector.get(Basket);
  basket.put('tea', 3), basket.put('cup');
  console.log(basket.total(), basket.dearest, injector.get(LATE, 'none'), [...basket].length);
}

function forms(): void {
  const builder = new FormBuilder();
  const form = builder.group({ name: ['', [Validators.required, Validators.minLength(3)]], mail: ['x', Validators.email], lines: builder.array([builder.control(1, Validators.min(2))]), nested: builder.group({ at: [0, Validators.pattern(/\d/)] }) }, { validators: (group) => (group.value.name === 'no' ? { no: true } : null) });
  form.valueChanges.subscribe((value) => void String(value.name).trim());
  form.patchValue({ name: 'no', nested: { at: 3 } });
  (form.get('lines') as FormArray).push(new FormControl(5));
  form.get('nested.at')?.setErrors({ far: true });
  form.controls.mail.addValidators((control) => (Array.isArray(control.value) ? { list: true } : null));
  form.updateValueAndValidity(), form.markAllAsTouched(), form.reset({ name: 'Ada' });
  console.log(form.status, Object.keys(form.getRawValue()).length, new FormGroup({}).valid);
}

function signals(): void {
  const price = signal(3, { equal: (a, b) => Math.abs(a - b) < 1 });
  const twice = computed(() => Math.max(price() * 2, 0));
  const linked = linkedSignal({ source: twice, computation: (value) => Math.min(value, 9) });
  price.set(5), price.update((value) => Math.max(value, 7)), linked.set(1);
  console.log(untracked(() => twice() + linked()));
}

function urls(): void {
  const serializer = new DefaultUrlSerializer();
  const tree: UrlTree = serializer.parse('/shop/(side:basket/3;open=true)?page=2&tag=a&tag=b#end');
  console.log(serializer.serialize(tree), new HttpParams({ fromObject: { a: ['1', '2'] } }).append('b', 3).toString(), new HttpHeaders({ one: 'x' }).set('two', ['y']).keys());
}

function store(): void {
  const put = createAction('put', props<{ name: string; price: number }>());
  const clear = createAction('clear');
  const reducer = createReducer([] as { name: string; price: number }[], on(put, (state, { name, price }) => state.concat({ name: name.trim(), price })), on(clear, () => []));
  const feature = createFeature({ name: 'lines', reducer, extraSelectors: ({ selectLinesState }) => ({ selectTotal: createSelector(selectLinesState, (lines) => lines.reduce((sum, line) => sum + Math.abs(line.price), 0)) }) });
  const state = { lines: [put({ name: 'tea', price: 3 }), put({ name: 'cup', price: 5 }), clear(), put({ name: 'pot', price: 9 })].reduce(reducer, undefined as never) };
  console.log(feature.selectTotal(state));
}

function effects(): void {
  const injector = createEnvironmentInjector([Basket, Prices, { provide: RATE, useValue: 1 }], Injector.NULL as EnvironmentInjector);
  runInInjectionContext(injector, () => inject(Basket).put('x'));
  effect(() => void Math.abs(1), { injector });
}

export const steps = { injection, forms, signals, urls, store, effects };
