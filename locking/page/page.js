// The page: which cell, which scenario, which step; keys, theme, and what is printed.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 1; // the version of the document that this script reads
const BRIEF = 200; // steps of a run that is shown from its end, where it fails

/** What is looked at: a row, a property, one of their results, a step of its run. */
const look = { row: 0, property: 0, result: 0, at: -1, run: null, timeline: null };

function start() {
  if (doc.version !== KNOWN) {
    document.body.prepend(make('p', { class: 'notice' }, `This page has a document of version ${doc.version}, and reads version ${KNOWN}.`));
    return;
  }
  document.title = `${doc.heading.model}: locking report`;
  document.getElementById('top').replaceChildren(...top());
  document.getElementById('verdicts').replaceChildren(...verdicts(doc, choose).filter(Boolean));
  document.getElementById('foot').replaceChildren(make('p', {}, 'Written by ', make('code', {}, 'locking'), '. Nothing on this page comes from elsewhere.'));
  document.addEventListener('keydown', keys);
  window.addEventListener('beforeprint', () => { whole(); });
  window.addEventListener('hashchange', fromAddress);
  if (!fromAddress()) first();
  new ResizeObserver(() => look.timeline?.redraw()).observe(document.body);
}

/** The title, what was searched, and how it came out. */
function top() {
  const { heading } = doc;
  const covered = heading.causes.length ? 'not every interleaving' : 'every interleaving';
  const known = heading.unexpected.length ? `✗ ${counted(heading.unexpected.length, 'verdict')} not as declared`
    : heading.unknown || doc.undone.length ? '? not all is known' : '✓ all as declared';
  const kind = known[0] === '✓' ? 'holds' : known[0] === '✗' ? 'fails' : 'unknown';
  return [
    make('div', { class: 'title' }, make('h1', {}, heading.model), themes()),
    make('p', { class: 'about' }, heading.about),
    make('ul', { class: 'facts' },
      make('li', { class: `outcome ${kind}` }, known),
      make('li', {}, `${counted(heading.verdicts, 'verdict')} of ${counted(heading.searches, 'search', 'searches')}, ${counted(heading.states, 'state')}, ${heading.seconds} s`),
      make('li', {}, `${covered}, ${heading.memory}`),
      heading.scope.map(([name, value]) => make('li', {}, make('code', {}, `${name}=${value}`)))),
  ];
}

/** Open with what matters most: what is not as declared, else the first run of the sentences. */
function first() {
  const paths = [...doc.heading.unexpected.map(([, path]) => path), ...doc.rows.map((row) => row.path)].filter(Boolean);
  for (const path of paths) {
    for (const [row, cells] of doc.cells.entries()) {
      for (const [property, [, , results]] of cells.entries()) {
        const result = results.findIndex((each) => doc.results[each].run?.path === path);
        if (result >= 0) return choose(row, property, result);
      }
    }
  }
  const row = doc.cells.findIndex((cells) => cells.some(([, , results]) => results.length));
  if (row < 0) return document.querySelectorAll('#run, .skip').forEach((each) => each.remove());
  return choose(row, doc.cells[row].findIndex(([, , results]) => results.length));
}

/** Look at a cell; of its results at the one given, else at the first that fails or has a run. */
function choose(row, property, result) {
  const found = doc.cells[row][property][2].map((each) => doc.results[each]);
  const failing = found.findIndex((each) => each.verdict === 'fails' && each.run);
  const counted = found.findIndex((each) => each.run);
  const number = result ?? Math.max(failing >= 0 ? failing : counted, 0);
  const chosen = found[number];
  const run = chosen.run ? runOf(doc, chosen.run.run) : null;
  Object.assign(look, { row, property, result: number, run, timeline: null, at: -1 });
  markCell(row, property);
  document.getElementById('run').replaceChildren(...detail(chosen, found).flat(Infinity).filter(Boolean));
  if (run) {
    look.timeline.redraw();
    go(run.events.length <= BRIEF ? run.events.length - 1 : -1, true);
  }
  toAddress();
}

/** All that there is on one verdict. */
function detail(result, all) {
  const row = doc.rows[look.row];
  const property = doc.properties[look.property];
  const { run } = result;
  return [
    make('div', { class: 'chosen' },
      make('span', { class: `chip ${result.wrong ? 'wrong ' : ''}${result.verdict}` }, `${VERDICTS[result.verdict]} ${result.verdict}`),
      make('h2', { id: 'run-title' }, property.name, make('small', {}, ' of '), row.name)),
    make('p', { class: 'about' }, [property.about, row.about].filter(Boolean).join(' · ')),
    all.length > 1 || doc.scenarios.length > 1 ? scenarioButtons(all) : null,
    make('div', { class: 'why' }, reasons(result, run).map((each) => make('p', {}, each))),
    run ? [make('p', { class: 'path' }, make('code', {}, run.path), copier('Copy path', run.path), copier('Copy command', `locking replay ${run.path}`)), runPart(result)] : null,
    run?.whatif ? make('section', { class: 'whatif' }, whatIf(doc, row, run, look.run, `${property.name} fails`))
      : row.tree ? make('section', { class: 'whatif' }, make('h3', {}, 'The placement'), drawnTree(row.tree)) : null,
  ];
}

/** Why it is so: the diagnosis, what is violated with its values, and what was declared. */
function reasons(result, run) {
  const values = run?.operands ?? [];
  const declared = result.wrong ? `Not as declared: it should be ${result.expected === 'holds' ? 'so that it holds' : `that it ${result.expected}`}` : 'As declared';
  return [
    run ? [make('strong', {}, run.why)] : [make('strong', {}, without(result))],
    run && result.verdict === 'fails' ? ['Violated: ', run.says, values.length ? [' (', values.map(([name, value], at) => [at ? ', ' : '', make('code', {}, `${name} = ${value}`)]), ')'] : ''] : null,
    result.because ? [`${declared}: `, result.because] : result.wrong ? [declared] : null,
  ].filter(Boolean);
}

/** What there is to say where there is no run to show. */
function without(result) {
  if (result.verdict === 'unknown') return `Unknown: ${result.cause ?? 'the search ended early'}.`;
  if (result.verdict === 'never') return `Never evaluated: ${result.cause}.`;
  const { wanted } = doc.properties[look.property];
  if (result.verdict === 'fails') return wanted ? 'No run shows it, of all that there are.' : 'It fails.';
  return 'It holds in every run; there is none to show.';
}

function scenarioButtons(all) {
  return make('div', { class: 'scenarios', role: 'group', 'aria-label': 'Scenarios' }, all.map((each, at) => {
    const scenario = doc.scenarios.find(({ name }) => name === each.scenario);
    const count = each.at_once ? `, ${each.at_once} at once` : '';
    return make('button', {
      type: 'button', class: each.verdict, 'aria-pressed': String(at === look.result), title: scenario.about,
      onclick: () => { choose(look.row, look.property, at); document.querySelectorAll('.scenarios button')[at].focus(); },
    }, scenario.letter ? make('b', {}, `${scenario.letter} `) : null, scenario.name, make('span', {}, ` ${VERDICTS[each.verdict]} ${each.verdict}${count}`));
  }));
}

/** The timeline, the bar that steps through it, and the state beside it. */
function runPart(result) {
  const { run } = look;
  const said = result.verdict === 'fails' ? `✗ ${doc.properties[look.property].name} fails: ${result.run.says}` : `✓ shown: ${result.run.says}`;
  look.timeline = new Timeline(run, {
    ...result.run, reasons: doc.reasons, end: said,
    title: `The run: ${counted(run.steps, 'step')} of ${counted(lanesOf(run).length, 'thread')}`,
  }, go);
  const slider = make('input', { type: 'range', id: 'slider', min: -1, max: run.events.length - 1, 'aria-label': 'Step', oninput: () => go(Number(slider.value)) });
  const button = (label, name, to) => make('button', { type: 'button', 'aria-label': name, title: name, onclick: () => go(to()) }, label);
  const needed = run.events.length - result.run.needed.length;
  return [
    make('div', { class: 'bar', role: 'group', 'aria-label': 'Steps' },
      button('|◀', 'First step (Home)', () => -1), button('◀', 'Step back (←, k)', () => near(-1)),
      make('span', { id: 'count' }),
      button('▶', 'Step on (→, j)', () => near(1)), button('▶|', 'Last step (End)', () => run.events.length - 1),
      slider,
      needed > 0 ? make('label', {}, make('input', { type: 'checkbox', id: 'only', onchange: narrow }), ` only what the end depends on (hides ${counted(needed, 'row')})`) : null,
      make('span', { class: 'hint' }, make('kbd', {}, '←'), make('kbd', {}, '→'), ' or ', make('kbd', {}, 'k'), make('kbd', {}, 'j'), ' step, ', make('kbd', {}, 'Home'), make('kbd', {}, 'End'))),
    make('div', { class: 'split' },
      make('div', { class: 'left' }, look.timeline.element, key()),
      make('div', { id: 'aside', role: 'region', 'aria-label': 'After this step' })),
  ];
}

/** What the marks of the timeline mean. */
function key() {
  return make('p', { class: 'legend' },
    [['┆', 'the same step, which is atomic'], ['•', 'the end depends on it'], ['━', 'held for writing'], ['═', 'held for reading'], ['┅', 'waited for'], ['→', 'reads or overwrites what the other wrote'], ['⇢', 'could go on because of it']]
      .map(([mark, means]) => make('span', {}, make('b', {}, mark), ` ${means}`)));
}

/** Hide the steps that the end does not depend on, or show them again. */
function narrow(event) {
  look.timeline.ensure(Infinity);
  look.timeline.table.classList.toggle('only', event.target.checked);
  look.timeline.redraw();
}

/** The step after or before the one that is looked at, of those that are shown. */
function near(direction) {
  const only = document.getElementById('only')?.checked;
  let at = look.at + direction;
  while (only && at >= 0 && at < look.run.events.length && !look.timeline.needed.has(at)) at += direction;
  return at >= look.run.events.length || at < -1 ? look.at : at;
}

/** Look at step `at`. */
function go(at, quiet = false) {
  const { run, timeline } = look;
  look.at = Math.min(Math.max(at, -1), run.events.length - 1);
  const result = doc.results[doc.cells[look.row][look.property][2][look.result]];
  timeline.show(look.at);
  document.getElementById('aside').replaceChildren(...aside(doc, run, look.at, go, result.run.causes, doc.reasons).flat(Infinity).filter(Boolean));
  const event = run.events[look.at];
  document.getElementById('count').textContent = event ? `step ${event.step} of ${run.steps}` : `start, of ${run.steps}`;
  document.getElementById('slider').value = String(look.at);
  document.getElementById('slider').setAttribute('aria-valuetext', event ? `step ${event.step}` : 'start');
  if (quiet) return;
  say(event ? `Step ${event.step}: ${run.threads[event.thread]} ${told(event)}. ${changes(event).join(', ')}` : 'Start');
  toAddress();
}

/** Keys that step, wherever they don't belong to something else. */
function keys(event) {
  if (!look.run || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const { target } = event;
  if (target.closest?.('input[type=range], textarea, .matrix, pre')) return;
  const inside = target.closest?.('#run');
  const back = event.key === 'k' || event.key === 'ArrowLeft' || (inside && event.key === 'ArrowUp');
  const on = event.key === 'j' || event.key === 'ArrowRight' || (inside && event.key === 'ArrowDown');
  const ends = inside || target === document.body;
  if (back) go(near(-1));
  else if (on) go(near(1));
  else if (ends && event.key === 'Home') go(-1);
  else if (ends && event.key === 'End') go(look.run.events.length - 1);
  else return;
  event.preventDefault();
}

/** Make all of the page, for paper. */
function whole() {
  look.timeline?.ensure(Infinity);
  for (const each of document.querySelectorAll('details')) each.open = true;
}

/** Keep what is looked at in the address, so that it can be sent to somebody. */
function toAddress() {
  const { scenario } = doc.results[doc.cells[look.row][look.property][2][look.result]];
  const names = [doc.rows[look.row].reference, doc.properties[look.property].name, scenario, look.at + 1];
  history.replaceState(null, '', `#${names.map(encodeURIComponent).join('/')}`);
}

/** Look at what the address says; whether it says anything that there is. */
function fromAddress() {
  let names;
  try {
    names = location.hash.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return false;
  }
  const row = doc.rows.findIndex((each) => each.reference === names[0]);
  const property = doc.properties.findIndex((each) => each.name === names[1]);
  const results = doc.cells[row]?.[property]?.[2] ?? [];
  const result = results.findIndex((each) => doc.results[each].scenario === names[2]);
  if (result < 0) return false;
  choose(row, property, result);
  if (look.run && /^\d+$/.test(names[3])) go(Number(names[3]) - 1, true);
  return true;
}

start();
