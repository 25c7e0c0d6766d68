// Each page, drawn as a server does.
import { renderApplication } from '@angular/platform-server';
import bootstrap from './server';

const DOCUMENT = '<!doctype html><html><head><title>x</title></head><body><shop-root></shop-root></body></html>';

async function drawn(url: string): Promise<void> {
  const page = await renderApplication(bootstrap, { document: DOCUMENT, url });
  console.log(url, page.length);
}

const controls = () => drawn('/controls');
const lists = () => drawn('/lists/tea');
const prime = () => drawn('/prime');
const old = () => drawn('/old?name=cup');
const nowhere = () => drawn('/nowhere');

export const steps = { controls, lists, prime, old, nowhere };
