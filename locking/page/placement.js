// A placement, drawn: the named steps of a role in a row, and a bracket over those under a lock.

/** The roles of a placement; `marked` are the names of steps, and the role and lock, to be marked. */
function drawnTree(tree, marked = null) {
  return make('div', { class: 'tree' }, tree.map(([role, branches]) => {
    const here = marked && isOf(marked.thread, role);
    if (here) marked.known = branches.some((each) => hasStep(each, marked.steps));
    return make('div', { class: `role${here ? ' here' : ''}` }, make('h4', {}, role),
      branches ? drawnRole(branches, here ? marked : null) : make('p', { class: 'about' }, 'as in the model'));
  }));
}

/** Whether a thread is called after a role. */
function isOf(thread, role) {
  return thread === role || thread.startsWith(`${role}-`) || thread.startsWith(`${role}_`) || thread.startsWith(`${role} `);
}

/** The part of a placement that a thread takes; all of it, if that is not to be told. */
function partOf(tree, thread) {
  const own = tree.filter(([role]) => isOf(thread, role));
  return own.length ? own : tree;
}

/** A row of steps. Each has above it what brackets have there, the outermost first. */
function drawnRole(branches, marked) {
  const steps = [];
  const brackets = [];
  for (const each of branches) lay(each, 0, steps, brackets);
  const levels = [...new Set(brackets.map(({ level }) => level))].sort();
  return make('ol', { class: 'brackets', 'aria-label': branches.map(branchWords).join(', ') }, steps.map((step, at) => {
    const here = marked?.steps.includes(step.step);
    return make('li', {},
      levels.map((level) => overStep(brackets.find((each) => each.level === level && each.first <= at && at < each.end), at, marked)),
      make('span', { class: here ? 'leaf here' : 'leaf', title: step.kernel || null }, here ? '▶ ' : '', breakable(step.step)));
  }));
}

/** Put the steps of a branch after `steps`, and its brackets after `brackets`. */
function lay(each, level, steps, brackets) {
  if (each.step) {
    steps.push(each);
    return;
  }
  const over = (first, inner, more) => {
    for (const one of inner) lay(one, level + 1, steps, brackets);
    brackets.push({ first, end: steps.length, level, of: each, ...more });
  };
  over(steps.length, each.over, { mode: each.mode, goesOn: each.lowered.length > 0 });
  if (each.lowered.length) over(steps.length, each.lowered, { mode: 'read', joins: true });
}

/** What a bracket has above step `at`: it begins with its name, and ends with a corner. */
function overStep(bracket, at, marked) {
  if (!bracket) return make('span', { class: 'over' });
  const begins = at === bracket.first;
  const ends = at === bracket.end - 1 && !bracket.goesOn;
  const { of } = bracket;
  const here = begins && marked && !bracket.joins && marked.lock === of.lock && (!marked.known || hasStep(of, marked.steps));
  return make('span', { class: ['over', 'held-there', bracket.mode === 'read' ? 'read' : '', begins ? 'begins' : '', bracket.joins ? 'joins' : '', ends ? 'ends' : ''].filter(Boolean).join(' ') },
    begins ? make('span', { class: here ? 'lockname here' : 'lockname' }, here ? '▶ ' : '',
      bracket.joins ? 'downgraded to ' : breakable(of.lock), make('b', {}, bracket.joins ? 'read' : ` ${of.mode}`)) : null);
}

/** A branch, for those who don't see its brackets. */
function branchWords(each) {
  if (each.step) return each.step;
  const over = `${each.lock} ${each.mode} over ${each.over.map(branchWords).join(', ')}`;
  return `(${over}${each.lowered.length ? `, downgraded to read over ${each.lowered.map(branchWords).join(', ')}` : ''})`;
}

/** Whether one of some steps is in a part of a tree. */
function hasStep(each, steps) {
  return each.step ? steps.includes(each.step) : [...each.over, ...each.lowered].some((inner) => hasStep(inner, steps));
}

/** What of a placement an event is about: the steps that its thread is in, and the lock that it works on. */
function markedBy(run, event) {
  return { thread: run.threads[event.thread], steps: [...event.from, ...event.in], lock: event.object };
}
