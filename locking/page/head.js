// The top of the page, with its conclusion.

const FEW_NOTICES = 10; // lines of a notice that are shown at first

/** The title, the conclusion, and what was searched. */
function headOf(doc) {
  const { heading } = doc;
  const known = heading.unexpected.length ? ['fails', `✗ ${counted(heading.unexpected.length, 'verdict')} unexpected`]
    : heading.unknown || doc.undone.length ? ['unknown', '? not all is known'] : ['holds', '✓ all as expected'];
  return [
    make('div', { class: 'title' }, make('h1', {}, heading.model, heading.about ? make('small', {}, ` ${heading.about}`) : null),
      make('span', {}, helpButton(), themes())),
    make('p', { class: 'headline' }, heading.headline),
    make('ul', { class: 'facts' },
      make('li', { class: `outcome ${known[0]}` }, known[1]),
      heading.searches ? make('li', {}, `${counted(heading.verdicts, 'verdict')} of ${counted(heading.searches, 'search', 'searches')}, ${counted(heading.states, heading.covers === 'execution' ? 'execution' : 'state')}, ${heading.seconds} s`) : null,
      make('li', {}, heading.searches ? `${covered(heading)}, ${heading.memory}` : heading.memory),
      heading.scope.map(([name, value]) => make('li', {}, make('code', {}, `${name}=${value}`)))),
  ];
}

/** How completely it was searched and judged. */
function covered({ covers, causes, unjudged }) {
  return `${causes.length ? 'not every' : 'every'} ${covers}${unjudged.length ? ', but not every property' : ''}`;
}

/** What must not be overlooked. What is not known is no failure, and looks like none. */
function notices({ heading, undone }) {
  const limit = (what, causes) => (causes.length ? make('p', { class: 'notice open' }, `Not every ${what}: ${causes.join(', ')}.`) : null);
  return [
    limit(`${heading.covers} was searched`, heading.causes), limit('property was judged', heading.unjudged),
    undone.length ? notice('notice open', `${counted(undone.length, 'search', 'searches')} not done`, undone.map(([name, why]) => `${name}: ${why}`)) : null,
    heading.unexpected.length > 1 || heading.verdicts > 1 && heading.unexpected.length ? notice('notice', `${counted(heading.unexpected.length, 'verdict')} unexpected`, heading.unexpected.map(([said]) => said)) : null,
  ].filter(Boolean);
}

/** A title and a list, of which the first lines are open. */
function notice(kind, title, lines) {
  const item = (text) => make('li', {}, text);
  const rest = lines.slice(FEW_NOTICES);
  return make('div', { class: kind }, make('p', {}, make('b', {}, `${title}:`)),
    make('ul', {}, lines.slice(0, FEW_NOTICES).map(item)),
    rest.length ? make('details', {}, make('summary', {}, `${rest.length} more`), make('ul', {}, rest.map(item))) : null);
}
