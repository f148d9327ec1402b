// The top of the page, with its conclusion.

const FEW_NOTICES = 10; // lines of a notice that are shown at first

/** The title, the conclusion, and what was searched. */
function headOf(doc) {
  const { heading } = doc;
  const covered = `${heading.causes.length ? 'not every' : 'every'} ${heading.covers}`;
  const known = heading.unexpected.length ? ['fails', `✗ ${counted(heading.unexpected.length, 'verdict')} unexpected`]
    : heading.unknown || doc.undone.length ? ['unknown', '? not all is known'] : ['holds', '✓ all as expected'];
  return [
    make('div', { class: 'title' }, make('h1', {}, heading.model, heading.about ? make('small', {}, ` ${heading.about}`) : null),
      make('span', {}, helpButton(), themes())),
    make('p', { class: 'headline' }, heading.headline),
    make('ul', { class: 'facts' },
      make('li', { class: `outcome ${known[0]}` }, known[1]),
      make('li', {}, `${counted(heading.verdicts, 'verdict')} of ${counted(heading.searches, 'search', 'searches')}, ${counted(heading.states, heading.covers === 'execution' ? 'execution' : 'state')}, ${heading.seconds} s`),
      make('li', {}, `${covered}, ${heading.memory}`),
      heading.scope.map(([name, value]) => make('li', {}, make('code', {}, `${name}=${value}`)))),
  ];
}

/** What must not be overlooked. */
function notices({ heading, undone }) {
  const limited = heading.causes.length ? [`Not every ${heading.covers} was searched: ${heading.causes.join(', ')}.`] : [];
  return [
    ...limited.map((text) => make('p', { class: 'notice' }, text)),
    undone.length ? notice(`${counted(undone.length, 'search', 'searches')} not done`, undone.map(([name, why]) => `${name}: ${why}`)) : null,
    heading.unexpected.length > 1 || heading.verdicts > 1 && heading.unexpected.length ? notice(`${counted(heading.unexpected.length, 'verdict')} unexpected`, heading.unexpected.map(([said]) => said)) : null,
  ].filter(Boolean);
}

/** A title and a list, of which the first lines are open. */
function notice(title, lines) {
  const item = (text) => make('li', {}, text);
  const rest = lines.slice(FEW_NOTICES);
  return make('div', { class: 'notice' }, make('p', {}, make('b', {}, `${title}:`)),
    make('ul', {}, lines.slice(0, FEW_NOTICES).map(item)),
    rest.length ? make('details', {}, make('summary', {}, `${rest.length} more`), make('ul', {}, rest.map(item))) : null);
}
