// A thread's colour, the same everywhere; its name always stands beside it.

const COLOURS = 8; // the first five are those of the terminal, in the same order
const WEAVES = 4; // bars of threads of one colour are whole, or broken in so many ways less one

/** The classes of a thread: its colour, and how its bars are broken. */
function hue(thread) {
  const weave = Math.floor(thread / COLOURS) % WEAVES;
  return `hue${thread % COLOURS}${weave ? ` weave${weave}` : ''}`;
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
