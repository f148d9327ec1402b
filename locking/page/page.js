// The page: which verdict is looked at, and all that there is on it.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 3; // the version of the document that this script reads
const LONGEST = 160; // signs of a path that are shown; all of it is copied

/** What is looked at: a row, a property, one of their results, and the run of it. */
const look = { row: 0, property: 0, result: 0, player: null };
let table = null;

function start() {
  if (doc.version !== KNOWN) {
    document.body.prepend(make('p', { class: 'notice' }, `This page has a document of version ${doc.version}, and reads version ${KNOWN}.`));
    return;
  }
  document.title = `${doc.heading.model}: locking report`;
  document.getElementById('top').replaceChildren(...headOf(doc));
  table = doc.rows.length ? new Verdicts(doc, choose) : null;
  document.getElementById('verdicts').replaceChildren(...verdictsPart());
  document.getElementById('foot').replaceChildren(foot(doc.made));
  listen({
    k: () => step(-1), ArrowLeft: () => step(-1), ArrowUp: () => step(-1), j: () => step(1), ArrowRight: () => step(1), ArrowDown: () => step(1),
    Home: () => look.player?.go(-1), End: () => look.player?.go(look.player.run.events.length - 1),
    '[': () => look.player?.turn(-1), ']': () => look.player?.turn(1), p: () => look.player?.dependent(-1), n: () => look.player?.dependent(1),
    '/': () => document.getElementById('search')?.focus(), '?': help,
  }, () => look.player?.timeline.comeIntoWindow());
  keepHeads();
  keepEdges();
  window.addEventListener('beforeprint', () => whole(true));
  window.addEventListener('afterprint', () => whole(false));
  window.addEventListener('hashchange', fromAddress);
  if (fromAddress()) document.getElementById('run').scrollIntoView();
  else first();
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) look.player?.redraw();
    width = contentRect.width;
  }).observe(document.getElementById('run') ?? document.body);
}

function step(direction) {
  return look.player ? look.player.go(look.player.timeline.near(direction)) : false;
}

/** The verdicts, and what is said of them. */
function verdictsPart() {
  const sentences = doc.rows.filter((row) => row.says);
  return [
    make('h2', { id: 'verdicts-title' }, 'Verdicts'),
    ...notices(doc), table?.controls(), table?.table, table?.rest, table?.key,
    make('div', { class: 'more' },
      sentences.length ? make('details', { class: 'sentences' }, make('summary', {}, 'In sentences'),
        make('dl', {}, sentences.map((row) => [make('dt', {}, row.name), make('dd', {}, row.says)]))) : null,
      doc.unreached.length ? make('details', {}, make('summary', {}, 'Lines that no run reached'),
        make('ul', {}, doc.unreached.map((line) => make('li', {}, make('code', {}, line))))) : null),
  ].filter(Boolean);
}

/** Every entry that has a run, in order. */
function withRuns() {
  return doc.rows.flatMap((_, row) => doc.properties.flatMap((_each, property) => entriesOf(doc, row, property).filter(({ result }) => result.run)));
}

/** Open with a run that tells something: an unexpected one, else one in which a thread comes between steps of another.
 * Of several it is the shortest, which is read soonest. */
function first() {
  const found = withRuns();
  const paths = new Set(doc.rows.map((row) => row.path).filter(Boolean));
  const points = ({ result: { run, wrong, verdict, because } }) => {
    const needed = neededThreads(run);
    const turns = needed.filter((thread, at) => at && thread !== needed[at - 1]).length;
    return (wrong ? 64 : 0) + (verdict === 'fails' ? 32 : 0) + Math.min(turns, 2) * 8 + (because ? 4 : 0) + (paths.has(run.path) ? 2 : 0) + (run.sides ? 1 : 0);
  };
  const long = ({ result: { run } }) => doc.runs[run.run].events.length;
  const better = (one, other) => points(one) - points(other) || long(other) - long(one);
  const best = found.reduce((one, other) => (one && better(one, other) >= 0 ? one : other), null);
  if (best) {
    choose(best.row, best.property, best.at);
    if (found.length > 1) document.querySelector('.chosen').after(make('p', { class: 'first' }, `${example(best.result)} A click on another cell shows its run.`));
    return;
  }
  const row = doc.cells.findIndex((cells) => cells.some(([, , results]) => results.length));
  if (row < 0) return document.querySelectorAll('#run, .skip').forEach((each) => each.remove());
  return choose(row, doc.cells[row].findIndex(([, , results]) => results.length), 0);
}

/** The threads of the steps on which the end of a run depends, in order. */
function neededThreads(run) {
  return (run.needed ?? []).map((at) => doc.events[doc.runs[run.run].events[at]].thread);
}

/** Why the page opens the run of a result first. */
function example({ run, wrong, verdict }) {
  if (wrong) return 'The page opens with this run, because its verdict is unexpected.';
  if (verdict !== 'fails') return 'The page opens with this run as an example.';
  const needed = neededThreads(run);
  const between = needed.some((thread, at) => at && needed[at - 1] !== thread && needed.indexOf(thread) < at);
  return `The page opens with this run as an example of what fails${between ? ': one thread comes between two steps of another' : ''}.`;
}

/** Look at one result of a cell; the one that is `asked` for by hand is brought into view. */
function choose(row, property, number, asked = false) {
  const all = entriesOf(doc, row, property);
  const { result } = all[number];
  Object.assign(look, { row, property, result: number, player: null });
  table.mark(row, property, result.scenario);
  document.getElementById('run').replaceChildren(...detail(result, all).flat(Infinity).filter(Boolean));
  if (look.player) {
    const { run, shown } = look.player;
    look.player.redraw();
    look.player.go(telling(result, run, shown), true);
  } else toAddress(-1);
  if (asked) comeIntoView();
}

/** The event with which a reader begins: where it breaks, where a lasso goes round, or the last. */
function telling({ verdict, run: { cycle } }, run, { breaks }) {
  return cycle?.length ? cycle[0] : verdict === 'fails' ? breaks : run.events.length - 1;
}

/** Bring the run into view where it is not, as on a phone. */
function comeIntoView() {
  const title = document.getElementById('run-title');
  if (title.getBoundingClientRect().top > window.innerHeight * 0.75) document.getElementById('run').scrollIntoView();
}

/** All that there is on one verdict. */
function detail(result, all) {
  const row = doc.rows[look.row];
  const property = doc.properties[look.property];
  const { run: found } = result;
  const run = found ? runOf(doc, found.run) : null;
  const facts = factsOf(result, run);
  const go = (at) => { look.player.go(at); look.player.timeline.element.scrollIntoView({ block: 'nearest' }); };
  if (run) look.player = new Player(doc, run, shownOf(result, run, facts), row.tree, toAddress);
  const expected = result.wrong ? `unexpected (expected: ${result.expected})` : result.verdict === 'fails' ? 'as expected' : '';
  return [
    make('div', { class: 'chosen' },
      make('span', { class: `chip ${result.wrong ? 'wrong ' : ''}${result.verdict}` }, `${VERDICTS[result.verdict]} ${NAMES[result.verdict]}`),
      make('h2', { id: 'run-title' }, property.name, make('small', {}, ' of '), row.name),
      expected ? make('span', { class: `expected${result.wrong ? ' wrong' : ''}` }, expected) : null),
    make('p', { class: 'about' }, [property.about, row.about].filter(Boolean).join(' · ')),
    all.length > 1 || doc.scenarios.length > 1 ? scenarioButtons(all) : null,
    make('div', { class: 'reasons' }, make('div', { class: 'why' }, facts.length ? factList(run, facts, go) : make('p', {}, without(result))),
      found?.waits ? waitGraph(run, found.waits) : null, found?.cycle ? lasso(run, found.cycle, go) : null),
    run ? onTheRun(result, run, go) : result.execution ? onTheExecution(result) : null,
    found?.whatif ? make('section', { class: 'whatif' }, whatIf(doc, row, result, run, `${property.name} fails`))
      : row.tree ? make('section', { class: 'whatif' }, make('h3', {}, 'The placement'), drawnTree(row.tree)) : null,
  ];
}

/** The lines that meet, the path, and the run. */
function onTheRun(result, run, go) {
  const { run: found } = result;
  return [
    found.sides ? bothSides(doc, run, found.sides, go) : null,
    make('p', { class: 'path' }, make('code', {}, found.path.length > LONGEST ? `${found.path.slice(0, LONGEST)}…` : found.path), copier('Copy path', found.path), copier('Copy command', `locking replay ${found.path}`)),
    look.player.elements(),
  ];
}

/** The execution under a memory model: drawn, how it ends, and what no interleaving has of it. */
function onTheExecution({ execution }) {
  const { threads, edges, ends, operands, cycle, order } = execution;
  return [
    make('h3', {}, 'The execution'), drawnExecution(threads, edges),
    make('div', { class: 'failing' }, ends.map((each) => make('p', {}, each)), operandList(operands)),
    cycleList(cycle), make('p', {}, order),
  ];
}

/** Values, each under its name. */
function operandList(values) {
  return values.length ? make('dl', { class: 'operands' }, values.map(([what, value]) => make('div', {}, make('dt', {}, breakable(what)), make('dd', {}, value)))) : null;
}

/** What a result says of its run, as the run's rows show it. */
function shownOf(result, run, facts) {
  const { run: found } = result;
  const failing = result.verdict === 'fails';
  const { name } = doc.properties[look.property];
  const values = found.operands ?? [];
  const needed = new Set(found.needed);
  return {
    causes: found.causes ?? [], reasons: doc.reasons, needed, marked: needed.size < run.events.length ? needed : new Set(), cycle: new Set(found.cycle),
    facts: factsByEvent(run, facts), breaks: found.breaks ?? run.events.length - 1, failing,
    title: `The run: ${counted(run.steps, 'step')} of ${counted(lanesOf(run).length, 'thread')}`,
    end: () => make('div', { class: failing ? 'failing' : 'witness' },
      make('b', {}, failing ? `✗ ${name} fails: ` : '✓ shown: '), found.waits ? `at the end ${counted(found.waits.length, 'thread')} ${found.waits.length === 1 ? 'waits' : 'wait'}, as shown above` : doc.clauses[found.says],
      operandList(values)),
  };
}

/** What there is to say where there is no run to show. */
function without(result) {
  if (result.verdict === 'unknown') return `Unknown: ${result.cause ?? 'the search ended early'}.`;
  if (result.verdict === 'never') return `Never evaluated: ${result.cause}.`;
  const { wanted } = doc.properties[look.property];
  if (result.verdict === 'fails') return `${wanted ? 'No run shows it, of all that there are' : 'It fails'}${result.because ? `: ${result.because}` : ''}.`;
  return 'It holds in every run; there is none to show.';
}

function scenarioButtons(all) {
  return make('div', { class: 'scenarios', role: 'group', 'aria-label': 'Scenarios' }, all.map(({ result: each }, at) => {
    const scenario = doc.scenarios.find(({ name }) => name === each.scenario);
    const count = each.at_once ? `, ${each.at_once} in parallel` : '';
    return make('button', {
      type: 'button', class: each.verdict, 'aria-pressed': String(at === look.result), title: scenario.about,
      onclick: () => { choose(look.row, look.property, at); document.querySelectorAll('.scenarios button')[at].focus(); },
    }, scenario.name, make('span', {}, ` ${VERDICTS[each.verdict]} ${NAMES[each.verdict]}${count}`));
  }));
}

/** Make all of the page, for paper, or as much as is in view again. */
function whole(all) {
  if (look.player) {
    look.player.timeline.whole = all;
    look.player.timeline.window(true);
  }
  if (all) for (const each of document.querySelectorAll('details:not(.chooser)')) each.open = true;
}

/** Keep what is looked at in the address, so that it can be sent to somebody. */
function toAddress(at) {
  const { scenario } = doc.results[doc.cells[look.row][look.property][2][look.result]];
  const names = [doc.rows[look.row].reference, doc.properties[look.property].name, scenario, at < 0 ? '0' : stepName(look.player.run.events[at])];
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
  const at = look.player && names[3] !== undefined ? eventNamed(look.player.run, names[3]) : undefined;
  if (at !== undefined) look.player.go(at, true);
  return true;
}

start();
