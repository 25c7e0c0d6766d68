// The crash dialog of the SDKs' showReportDialog(). All it knows is in its own address: the DSN, the
// event's id, the user's name and e-mail, and what its texts are to be. Texts are set as text, styles
// from here, so that a page's Content-Security-Policy has only to allow this script and its request.
(() => {
  const script = document.currentScript;
  if (!script) return;
  const address = new URL(script.src);
  const said = address.searchParams;
  const text = (name, otherwise) => said.get(name) || otherwise;

  const make = (tag, style, properties = {}) => {
    const element = Object.assign(document.createElement(tag), properties);
    Object.assign(element.style, style);
    return element;
  };

  const dialog = make('dialog', {
    boxSizing: 'border-box', width: '30rem', maxWidth: 'calc(100vw - 2rem)', padding: '1.5rem',
    border: '1px solid #888', borderRadius: '.5rem', background: '#fff', color: '#1a1a1a',
    font: '1rem/1.4 system-ui, sans-serif', colorScheme: 'light',
  });
  dialog.lang = text('lang', 'en');
  const title = make('h2', { margin: '0 0 .5rem', fontSize: '1.25rem' }, {
    id: 'crash-dialog-title',
    textContent: text('title', "It looks like we're having issues."),
  });
  dialog.setAttribute('aria-labelledby', title.id);
  const about = make('p', { margin: '0 0 1rem' }, {
    textContent: `${text('subtitle', 'Our team has been notified.')} ${
      text('subtitle2', "If you'd like to help, tell us what happened below.")}`,
  });

  const form = make('form', {}, { method: 'dialog' });
  const field = (name, tag, label, properties) => {
    const around = make('label', { display: 'block', margin: '0 0 .75rem' }, { textContent: label });
    const input = make(tag, {
      display: 'block', boxSizing: 'border-box', width: '100%', padding: '.4rem', font: 'inherit',
    }, { name, ...properties });
    around.append(input);
    form.append(around);
    return input;
  };
  const name = field('name', 'input', text('labelName', 'Name'), {
    value: text('name', ''), maxLength: 250, autocomplete: 'name',
  });
  const email = field('email', 'input', text('labelEmail', 'Email'), {
    type: 'email', value: text('email', ''), maxLength: 320, autocomplete: 'email',
  });
  const comments = field('comments', 'textarea', text('labelComments', 'What happened?'), {
    required: true, rows: 5, maxLength: 4096,
  });

  const status = make('p', { margin: '0 0 .75rem' });
  status.setAttribute('role', 'status');
  const buttons = make('div', { display: 'flex', gap: '.5rem', justifyContent: 'flex-end' });
  const button = (label, type) => {
    const made = make('button', { padding: '.4rem .9rem', font: 'inherit' }, { type, textContent: label });
    buttons.append(made);
    return made;
  };
  const close = button(text('labelClose', 'Close'), 'button');
  const submit = button(text('labelSubmit', 'Submit'), 'submit');
  form.append(status, buttons);
  dialog.append(title, about, form);

  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    // What the SDK waits for to call onClose.
    window.postMessage('__sentry_reportdialog_closed__', '*');
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const target = new URL(address);
    target.search = '';
    target.searchParams.set('dsn', text('dsn', ''));
    target.searchParams.set('eventId', text('eventId', ''));
    const words = { name: name.value, email: email.value, comments: comments.value };
    let answer;
    try {
      answer = await fetch(target, {
        method: 'POST', body: new URLSearchParams(words), credentials: 'omit',
      });
    } catch {
      // No network; said below.
    }
    if (answer?.ok) {
      form.replaceChildren(status, close);
      status.textContent = text('successMessage', 'Your feedback has been sent. Thank you!');
      close.focus();
      return;
    }
    submit.disabled = false;
    status.textContent = answer?.status === 400
      ? text('errorFormEntry', 'Some fields were invalid. Please correct them and try again.')
      : text('errorGeneric', 'Your feedback could not be sent. Please try again.');
  });

  document.body.append(dialog);
  dialog.showModal();
  comments.focus();
})();
