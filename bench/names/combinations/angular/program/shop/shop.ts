// The frame around all pages.
import { AsyncPipe, DatePipe, JsonPipe } from '@angular/common';
import { Component, Directive, ElementRef, HostListener, Pipe, type PipeTransform, afterNextRender, inject, input } from '@angular/core';
import { MatBadgeModule } from '@angular/material/badge';
import { MatIconModule } from '@angular/material/icon';
import { MatMenuModule } from '@angular/material/menu';
import { MatSidenavModule } from '@angular/material/sidenav';
import { MatToolbarModule } from '@angular/material/toolbar';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { Store } from '@ngrx/store';
import { Basket } from './basket';

@Pipe({ name: 'euros' })
export class EurosPipe implements PipeTransform {
  transform(cents: number, digits = 2): string {
    return `${(cents / 100).toFixed(digits)} €`;
  }
}

@Directive({ selector: '[shopMarked]', host: { '[attr.data-marked]': 'mark()' } })
export class Marked {
  readonly shopMarked = input('x', { transform: (value: string) => value.trim() });
  private readonly element = inject(ElementRef);

  mark(): string {
    return this.shopMarked().toUpperCase() + String(this.element.nativeElement.localName).slice(1);
  }

  @HostListener('click', ['$event']) clicked(event: Event): void {
    console.log(String(event).trim());
  }
}

@Component({
  selector: 'shop-root',
  imports: [AsyncPipe, DatePipe, JsonPipe, EurosPipe, Marked, MatBadgeModule, MatIconModule, MatMenuModule, MatSidenavModule, MatToolbarModule, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <mat-toolbar><span [matBadge]="basket.lines().length">Shop</span>
      <button mat-icon-button [matMenuTriggerFor]="menu" (click)="add('tea')"><mat-icon fontIcon="home"></mat-icon></button>
    </mat-toolbar>
    <mat-menu #menu="matMenu"><button mat-menu-item>One</button></mat-menu>
    <mat-sidenav-container>
      <mat-sidenav opened mode="side">
        @for (link of links(); track link.path) {
          <a [routerLink]="link.path" routerLinkActive="active" [shopMarked]="link.name">{{ shout(link.name) }}</a>
        } @empty { nothing }
      </mat-sidenav>
      <mat-sidenav-content>
        @if (basket.total(); as total) { <b>{{ total | euros: 1 }}</b> } @else { <i>empty {{ 3 | euros }}</i> }
        @switch (basket.lines().length) { @case (0) { none } @default { {{ basket.lines() | json }} } }
        {{ visits | async }} {{ day | date: 'fullDate' }}
        @let shouted = shout('let');
        {{ shouted }}
        <router-outlet />
      </mat-sidenav-content>
    </mat-sidenav-container>
  `,
})
export class Shop {
  protected readonly basket = inject(Basket);
  protected readonly visits = inject<Store<{ visits: number }>>(Store).select((state) => Math.abs(state.visits));
  protected readonly day = new Date(2026, 10, 1);

  constructor() {
    this.basket.put('tea', 2);
    afterNextRender(() => console.log('rendered'.trim()));
  }

  protected links(): { path: string; name: string }[] {
    return ['controls', 'lists/tea', 'prime'].map((path) => ({ path: `/${path}`, name: path.split('/')[0]! }));
  }

  protected shout = (word: string): string => word.toUpperCase();

  protected add(name: string): void {
    this.basket.put(name);
  }
}
