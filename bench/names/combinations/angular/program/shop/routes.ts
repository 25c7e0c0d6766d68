// The pages.
import { inject } from '@angular/core';
import type { Routes } from '@angular/router';
import { Basket } from './basket';
import { Controls } from './controls';
import { Lists } from './lists';
import { Prime } from './prime';

const open = () => inject(Basket).lines().every((line) => line.count > 0);

export const routes: Routes = [
  { path: 'controls', component: Controls, title: () => 'Controls'.trim() },
  { path: 'lists/:name', component: Lists, canActivate: [open], resolve: { rows: () => ['tea', 'cup', 'pot'].map((name, id) => ({ id, name, price: name.length * 3 })) } },
  { path: 'prime', component: Prime, data: { wide: true } },
  { path: 'old', redirectTo: ({ queryParams }) => `/lists/${String(queryParams['name'] ?? 'tea').trim()}` },
  { path: '', pathMatch: 'full', redirectTo: 'controls' },
];
