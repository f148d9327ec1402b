// What is so after one step: the step in words, the source, the threads and the values.

const NEAR = 5; // lines of source above and below the marked one

/** The panel beside the timeline, for step `at` of `run`. */
function aside(doc, run, at, go, causes, reasons) {
  const state = stateAt(run, at);
  const event = at < 0 ? null : run.events[at];
  return [
    make('h3', {}, event ? `Step ${event.step}: ${run.threads[event.thread]}` : 'At the start'),
    event ? inFull(event) : make('p', {}, 'Before any thread takes a step.'),
    event ? because(run, at, go, causes, reasons) : null,
    event ? source(doc, event) : null,
    make('h3', {}, 'Threads'),
    threadTable(doc, run, state, event),
    make('h3', {}, 'Values'),
    valueTable(run, state),
  ];
}

/** The step with all that it changed. */
function inFull(event) {
  const facts = changes(event);
  const left = event.from.slice(shared(event.from, event.in));
  const entered = event.in.slice(shared(event.from, event.in));
  return [
    make('p', { class: 'does' }, make('code', {}, told(event))),
    make('ul', { class: 'facts' },
      facts.map((text) => make('li', {}, make('code', {}, text))),
      left.map((name) => make('li', {}, `leaves ${name}`)),
      entered.map((name) => make('li', {}, `enters ${name}`)),
      event.misuse ? make('li', { class: 'misuse' }, `✗ misuse: ${event.misuse}`) : null),
  ];
}

/** The earlier steps that it depends on, in words. */
function because(run, at, go, causes, reasons) {
  const found = causes.filter(([to]) => to === at);
  if (!found.length) return null;
  return make('p', { class: 'because' }, 'Because of ', found.map(([, from, reason], number) => {
    const [kind, object] = reasons[reason];
    const earlier = run.events[from];
    const text = `step ${earlier.step} of ${run.threads[earlier.thread]}`;
    return [number ? ', ' : '', make('button', { type: 'button', class: 'link', onclick: () => go(from) }, text), ` (${kind}: ${object})`];
  }));
}

/** The lines of the model around the step. */
function source(doc, event) {
  const [file, line] = event.site;
  const { name, parts } = doc.files[file];
  const notes = [...new Set([...event.from, ...event.in])].filter((section) => Object.hasOwn(doc.notes, section));
  const [first, text] = parts.find(([start, body]) => start <= line && line < start + body.split('\n').length) ?? [line, ''];
  const lines = text.split('\n');
  const from = Math.max(line - NEAR, first);
  return make('figure', { class: 'source' },
    make('figcaption', {}, make('code', {}, `${name}:${line}`), notes.map((section) => [make('br'), `${section}: ${doc.notes[section]}`])),
    make('pre', { tabindex: '0', role: 'group', 'aria-label': `Source, line ${line}` }, make('code', {},
      lines.slice(from - first, line + NEAR + 1 - first).map((each, at) => sourceLine(each, from + at, line)))));
}

function sourceLine(text, number, marked) {
  const here = number === marked;
  return make('span', { class: here ? 'line here' : 'line' },
    make('span', { class: 'number' }, `${here ? '▶' : ' '}${String(number).padStart(4)} `), coloured(text), '\n');
}

const WORDS = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(#.*$)|\b(async|await|def|with|for|in|if|elif|else|while|return|not|and|or|is|None|True|False|class|import|from|as|assert|raise|try|except|finally|lambda|yield|pass|break|continue)\b/g;

/** A line of Python, its words, strings and comments told apart. */
function coloured(text) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(WORDS)) {
    found.push(text.slice(done, match.index));
    found.push(make('span', { class: match[1] ? 'string' : match[2] ? 'comment' : 'word' }, match[0]));
    done = match.index + match[0].length;
  }
  return [...found, text.slice(done)];
}

function threadTable(doc, run, state, event) {
  return make('table', { class: 'facts' },
    make('thead', { class: 'unseen' }, make('tr', {}, ['thread', 'where it is'].map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, run.threads.map((name, thread) => {
      const { at } = state.places[thread];
      const text = standing(run, state, thread);
      const kind = text.startsWith('waits') ? 'waits' : text.startsWith('stopped') ? 'misuse' : '';
      return make('tr', { class: event?.thread === thread ? 'acted' : '' },
        make('th', { scope: 'row' }, breakable(name)),
        make('td', {}, make('span', { class: kind }, text), at ? make('small', {}, ` ${doc.files[at[0]].name.split('/').pop()}:${at[1]}`) : null,
          state.inside[thread].length ? make('small', { class: 'inside' }, `inside ${state.inside[thread].join(' / ')}`) : null));
    })));
}

/** The values of the objects that the run touches; those of the others on demand. */
function valueTable(run, state) {
  const touched = new Set(run.events.map((event) => event.object));
  const shown = run.objects.flatMap((name, at) => (touched.has(name) ? [at] : []));
  const others = run.objects.flatMap((name, at) => (touched.has(name) ? [] : [at]));
  return [
    valueRows(run, state, shown),
    others.length ? make('details', {}, make('summary', {}, `${counted(others.length, 'object')} that this run does not touch`), valueRows(run, state, others)) : null,
  ];
}

function valueRows(run, state, objects) {
  return make('table', { class: 'facts values' },
    make('thead', { class: 'unseen' }, make('tr', {}, ['object', 'value'].map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, objects.map((at) => {
      const lock = state.locks.get(run.objects[at]);
      const waits = lock ? lock.waiters.map((who) => `waits: ${who}`) : [];
      const old = state.changed.get(at);
      return make('tr', { class: old === undefined ? '' : 'changed' },
        make('th', { scope: 'row' }, breakable(run.objects[at])),
        make('td', {}, make('code', {}, [state.values[at], ...waits].join('; ')), old === undefined ? null : make('small', {}, ` ← was ${old}`)));
    })));
}
