// Why a run ends as it does: a few numbered facts, whose steps can be gone to.

const STEP = /\bsteps? (\d+)(?:( and | to |–|-)(\d+))?/g;

const MOST_FACTS = 14; // lines of facts that are shown at first: a ring of twelve threads, and why it comes
const FEW_FACTS = 4; // lines to which the values are added, which stand under the run too

/** The facts of a result: the reason that a person gave, the conclusion, the values, and what the run shows. */
function factsOf(result, run) {
  const own = (result.run ?? result.execution)?.why ?? [];
  const declared = result.because && !result.wrong && result.verdict === 'fails' ? [result.because] : [];
  const { length } = ringOf(result.run?.waits ?? []);
  const ring = length > 2 ? [`Deadlock: ${length} threads wait in a ring, and each holds what the one before it waits for`] : [];
  const said = [...declared, ...ring, ...own];
  if (said.length >= FEW_FACTS) return said;
  return [...declared, ...ring, ...own.slice(0, 1), ...valuesThen(result, run), ...own.slice(1)];
}

/** The values that a condition does not allow, as a fact, where a step makes them so. */
function valuesThen({ verdict, run: found }, run) {
  if (verdict !== 'fails' || !found?.operands?.length || found.breaks === undefined) return [];
  const { step } = run.events[found.breaks];
  const values = found.operands.map(([name, value]) => `${name} = ${value}`);
  return [`The values ${step === run.steps ? `after step ${step}` : 'at the end'}: ${values.join(', ')}`];
}

/** The list of them; `go(event)` goes to a step. Of many, those before the last are shown on demand. */
function factList(run, facts, go) {
  const items = facts.map((fact, at) => make('li', { 'data-number': at + 1 }, linked(run, sentence(run, fact), go)));
  if (items.length <= MOST_FACTS) return make('ol', { class: 'facts-of' }, items);
  const first = MOST_FACTS - 2;
  const more = items.slice(first, -1);
  const opener = make('li', { 'data-number': '…' }, make('button', { type: 'button', class: 'link', onclick: () => opener.replaceWith(...more) }, `${counted(more.length, 'more fact')}`));
  return make('ol', { class: 'facts-of' }, items.slice(0, first), opener, items.at(-1));
}

/** A fact as a sentence, with a capital where it begins with a word and not with a name. */
function sentence(run, text) {
  const [word] = text.match(/^[a-z]+(?=[\s,:])/) ?? [];
  const named = !word || run?.threads.includes(word) || run?.objects.includes(word);
  const begun = named ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** A text whose steps are buttons. */
function linked(run, text, go) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(STEP)) {
    const numbers = [match[1], match[3]].filter(Boolean).map(Number);
    found.push(text.slice(done, match.index), numbers.length > 1 ? 'steps ' : '');
    numbers.forEach((number, at) => {
      const event = eventOfStep(run, number, text);
      const label = numbers.length > 1 ? String(number) : `step ${number}`;
      const last = at === numbers.length - 1;
      const after = last ? text.slice(match.index + match[0].length).match(/^[),.:;]*/)[0] : ''; // it ends no line alone
      found.push(at ? match[2] : '', event < 0 ? `${label}${after}` : make('span', { class: 'whole' }, make('button', { type: 'button', class: 'link', onclick: () => go(event) }, label), after));
      done = match.index + match[0].length + after.length;
    });
  }
  return [...found, text.slice(done)];
}

/** The event of a step of which a fact speaks: the one that does what it names, else the first; or -1. */
function eventOfStep(run, number, fact) {
  const first = run.events.findIndex(({ step }) => step === number);
  if (first < 0) return first;
  const named = run.events.findIndex((event, at) => at >= first && event.step === number && (fact.includes(event.text) || (event.change && fact.includes(`${event.object} from ${event.change[0]} `))));
  return named < 0 ? first : named;
}

/** For each event of which facts speak, the numbers of these. */
function factsByEvent(run, facts) {
  const found = new Map();
  facts.forEach((fact, at) => {
    for (const match of fact.matchAll(STEP)) {
      for (const number of [match[1], match[3]].filter(Boolean)) {
        const event = eventOfStep(run, Number(number), fact);
        if (event >= 0) found.set(event, [...new Set([...(found.get(event) ?? []), at + 1])]);
      }
    }
  });
  return found;
}

/** The two lines of the model that meet in a race, or in a step on what another changed. */
function bothSides(doc, run, sides, go) {
  return make('div', { class: 'sides' }, sides.map(([thread, site, at]) => make('div', {}, eventSource(doc, at < 0 ? { site } : run.events[at], 2, [
    threadName(run, thread), ' ',
    at < 0 ? 'is about to do this' : make('button', { type: 'button', class: 'link', onclick: () => go(at) }, `in step ${run.events[at].step}`),
    make('br'),
  ]))));
}
