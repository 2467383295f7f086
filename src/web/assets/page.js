// What the pages add when scripts run: nothing here is needed to read, filter, approve or reject.
'use strict';
// After a list was replaced in place, say so once (RGAA 7.5) and keep the title true.
document.addEventListener('htmx:after:swap', () => {
  const caption = document.querySelector('#liste caption, #liste p');
  const told = document.getElementById('annonce');
  if (caption !== null && told !== null) told.textContent = caption.textContent.trim();
});
// A form is sent once, however often its button is pressed.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return;
  if (form.dataset.sent === 'yes') event.preventDefault();
  form.dataset.sent = 'yes';
});
// Coming back by the browser's own button finds the form ready again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
// On paper nothing is folded: what was is so again afterwards.
window.addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('main details:not([open])')) {
    fold.open = true;
    fold.dataset.printed = 'yes';
  }
});
window.addEventListener('afterprint', () => {
  for (const fold of document.querySelectorAll('main details[data-printed]')) {
    fold.open = false;
    delete fold.dataset.printed;
  }
});
