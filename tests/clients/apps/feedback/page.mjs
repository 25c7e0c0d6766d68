// A page whose events go through a tunnel, and whose user has something to say about them.
import * as Sentry from 'sdk';

const asked = new URLSearchParams(window.location.search);
const said = { name: 'Jo', email: 'jo@example.com' };
const lines = { error: '', feedback: '' };

Sentry.init({ dsn: asked.get('dsn'), tunnel: asked.get('tunnel') ?? undefined });

const actions = {
  error() {
    lines.error = Sentry.captureException(new Error('The anchor drags'));
    console.log(`sent error ${lines.error}`);
  },
  feedback() {
    if (Sentry.captureUserFeedback) {
      Sentry.captureUserFeedback({ event_id: lines.error, ...said, comments: 'It dragged.' });
    } else {
      Sentry.captureFeedback({ associatedEventId: lines.error, ...said, message: 'It dragged.' });
    }
    console.log(`sent feedback ${lines.error}`);
  },
  dialog() {
    Sentry.showReportDialog({
      eventId: lines.error,
      user: said,
      title: '<b>Sorry</b>',
      onLoad: () => console.log('dialog shown'),
      onClose: () => console.log('dialog closed'),
    });
  },
};

for (const [name, act] of Object.entries(actions)) {
  const button = document.createElement('button');
  button.textContent = name;
  button.addEventListener('click', act);
  document.body.append(button);
}
