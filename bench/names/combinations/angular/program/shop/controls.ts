// Controls of Angular Material.
import { Component, inject, viewChild } from '@angular/core';
import { type AbstractControl, FormBuilder, ReactiveFormsModule, Validators } from '@angular/forms';
import { MatAutocompleteModule } from '@angular/material/autocomplete';
import { MatButtonModule } from '@angular/material/button';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import { MatCheckboxModule } from '@angular/material/checkbox';
import { MatChipsModule } from '@angular/material/chips';
import { provideNativeDateAdapter } from '@angular/material/core';
import { MatCalendar, MatDatepickerModule } from '@angular/material/datepicker';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { MatRadioModule } from '@angular/material/radio';
import { MatSelectModule } from '@angular/material/select';
import { MatSlideToggleModule } from '@angular/material/slide-toggle';
import { MatSliderModule } from '@angular/material/slider';
import { MatStepperModule } from '@angular/material/stepper';
import { MatTimepickerModule } from '@angular/material/timepicker';

const short = (control: AbstractControl) => (String(control.value).trim().length > 9 ? { long: true } : null);

@Component({
  selector: 'shop-controls',
  providers: [provideNativeDateAdapter()],
  imports: [ReactiveFormsModule, MatAutocompleteModule, MatButtonModule, MatButtonToggleModule, MatCheckboxModule, MatChipsModule, MatDatepickerModule, MatFormFieldModule, MatInputModule, MatRadioModule, MatSelectModule, MatSlideToggleModule, MatSliderModule, MatStepperModule, MatTimepickerModule],
  template: `
    <form [formGroup]="form" (ngSubmit)="send()">
      <mat-form-field><mat-label>Name</mat-label><input matInput formControlName="name" [matAutocomplete]="names"><mat-hint>{{ hint() }}</mat-hint>
        @if (form.controls.name.errors; as errors) { <mat-error>{{ words(errors) }}</mat-error> }
      </mat-form-field>
      <mat-autocomplete #names="matAutocomplete">@for (each of options; track each) { <mat-option [value]="each">{{ each }}</mat-option> }</mat-autocomplete>
      <mat-form-field><mat-select formControlName="size" multiple>@for (each of options; track each) { <mat-option [value]="each">{{ each }}</mat-option> }</mat-select></mat-form-field>
      <mat-form-field><input matInput formControlName="day" [matDatepicker]="picker"><mat-datepicker-toggle matIconSuffix [for]="picker" /><mat-datepicker #picker /></mat-form-field>
      <mat-form-field><input matInput formControlName="day" [matTimepicker]="clock"><mat-timepicker #clock interval="30min" /></mat-form-field>
      <mat-form-field><textarea matInput cdkTextareaAutosize></textarea></mat-form-field>
      <mat-checkbox formControlName="agree" indeterminate>Agree</mat-checkbox>
      <mat-slide-toggle checked>On</mat-slide-toggle>
      <mat-radio-group value="a"><mat-radio-button value="a">A</mat-radio-button><mat-radio-button value="b">B</mat-radio-button></mat-radio-group>
      <mat-slider min="0" max="9" step="2" discrete><input matSliderStartThumb value="2"><input matSliderEndThumb value="6"></mat-slider>
      <mat-button-toggle-group multiple><mat-button-toggle value="x">X</mat-button-toggle><mat-button-toggle value="y" checked>Y</mat-button-toggle></mat-button-toggle-group>
      <mat-chip-grid #chips>@for (each of options; track each) { <mat-chip-row (removed)="options.pop()">{{ each }}</mat-chip-row> }<input [matChipInputFor]="chips"></mat-chip-grid>
      <mat-chip-listbox><mat-chip-option selected>one</mat-chip-option></mat-chip-listbox>
      <button mat-raised-button color="primary">Send</button><button mat-fab extended>Fab</button>
    </form>
    <mat-calendar [selected]="day" [dateFilter]="free" /><mat-calendar startView="multi-year" [startAt]="day" /><mat-calendar startView="year" [startAt]="day" />
    <mat-stepper linear><mat-step label="One" [stepControl]="form">1</mat-step><mat-step label="Two" optional>2</mat-step></mat-stepper>
  `,
})
export class Controls {
  private readonly builder = inject(FormBuilder);
  protected readonly options = ['small', 'large', 'huge'];
  protected readonly day = new Date(2026, 1, 3);
  protected readonly form = this.builder.nonNullable.group({ name: ['a name too long', [short, Validators.required]], size: [['small']], day: [this.day], agree: [true, Validators.requiredTrue] });
  private readonly calendar = viewChild(MatCalendar);

  protected readonly free = (day: Date): boolean => day.getDay() !== 0;

  ngOnInit(): void {
    this.form.markAllAsTouched();
    this.form.controls.name.valueChanges.subscribe({ next: (name) => void name.trim() });
    this.form.patchValue({ name: 'patched' });
  }

  ngAfterViewInit(): void {
    const calendar = this.calendar();
    if (calendar) calendar.activeDate = new Date(Math.max(this.day.getTime(), 5));
  }

  protected hint(): string {
    return this.options.map((each) => each.charAt(0)).join();
  }

  protected words(errors: object): string {
    return Object.keys(errors).join();
  }

  protected send(): void {
    console.log(JSON.stringify(this.form.value));
  }
}
