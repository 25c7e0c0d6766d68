// In a browser; only the server's program is measured.
import { bootstrapApplication } from '@angular/platform-browser';
import { Shop } from './shop/shop';
import { providers } from './shop/providers';

bootstrapApplication(Shop, { providers });
