// A thread's colour, the same everywhere; its name always stands beside it.

const COLOURS = 5; // as many as the terminal has, in the same order

function hue(thread) {
  return `hue${thread % COLOURS}`;
}

/** The name of a thread, in its colour. */
function threadName(run, thread) {
  return make('b', { class: `who ${hue(thread)}` }, run.threads[thread]);
}

/** The colour of the thread that is called so; none for a name that is no thread's. */
function hueOfName(run, name) {
  const thread = run.threads.indexOf(name);
  return thread < 0 ? '' : hue(thread);
}

/** Names, the first few and how many more there are. */
function fewNames(names, few = 3) {
  return names.length > few + 1 ? `${names.slice(0, few).join(', ')} and ${names.length - few} more` : names.join(', ');
}
