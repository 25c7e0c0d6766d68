// What the whole application is given.
import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { provideStore } from '@ngrx/store';
import { providePrimeNG } from 'primeng/config';
import { routes } from './routes';

export const providers = [
  provideRouter(routes, withComponentInputBinding()),
  provideHttpClient(withInterceptors([(request, next) => next(request.clone({ setHeaders: { shop: 'tea'.trim() } }))])),
  provideStore({ visits: (state: number = 0) => Math.max(state + 1, 0) }),
  providePrimeNG({ ripple: true }),
];
