// The foot of a page: where it comes from.

/** Where the page comes from. */
function foot(made) {
  const facts = made ? [
    made.command ? make('li', {}, make('code', {}, made.command)) : null,
    make('li', {}, `locking ${made.version}`),
    make('li', {}, make('time', { datetime: made.date }, made.date)),
    made.commit ? make('li', {}, 'model at commit ', make('code', {}, made.commit)) : null,
  ] : [];
  return make('ul', { class: 'facts' }, facts, make('li', {}, 'One file that asks no network for anything.'));
}
