// A server's process whose events go through a tunnel.
import * as Sentry from '@sentry/node';

const [dsn, tunnel] = process.argv.slice(2);
Sentry.init({ dsn, tunnel });
const id = Sentry.captureException(new Error('The anchor drags'));
Sentry.captureFeedback({ associatedEventId: id, name: 'Jo', message: 'It dragged.' });
await Sentry.flush(10_000);
console.log(`sent error ${id}`);
