// What the server draws.
import { type BootstrapContext, bootstrapApplication } from '@angular/platform-browser';
import { provideServerRendering } from '@angular/platform-server';
import { Shop } from './shop/shop';
import { providers } from './shop/providers';

export default (context: BootstrapContext) => bootstrapApplication(Shop, { providers: [provideServerRendering(), ...providers] }, context);
