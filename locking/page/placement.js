// A placement, drawn: boxes are locks, in them the steps that run under them.

/** The tree of a placement; `marked` are the names of steps, and the role and lock, to be marked. */
function drawnTree(tree, marked = null) {
  return make('div', { class: 'tree' }, tree.map(([role, branches]) => {
    const here = marked && isOf(marked.thread, role);
    if (here) marked.known = branches.some((each) => hasStep(each, marked.steps));
    return make('div', { class: `role${here ? ' here' : ''}` }, make('h4', {}, role), make('ol', {}, branches.map((each) => branch(each, here ? marked : null))));
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

function branch(each, marked) {
  if (each.step) {
    const here = marked?.steps.includes(each.step);
    return make('li', { class: here ? 'leaf here' : 'leaf', title: each.kernel || null }, here ? '▶ ' : '', each.step);
  }
  const here = marked && marked.lock === each.lock && (!marked.known || hasStep(each, marked.steps));
  return make('li', { class: `box ${each.mode === 'read' ? 'read' : 'write'}${here ? ' here' : ''}` },
    make('span', { class: 'lockname' }, here ? '▶ ' : '', breakable(each.lock), make('b', {}, ` ${each.mode}`)),
    make('ol', {}, each.over.map((inner) => branch(inner, marked))),
    each.lowered.length ? make('div', { class: 'box read lowered' },
      make('span', { class: 'lockname' }, 'downgraded to ', make('b', {}, 'read')), make('ol', {}, each.lowered.map((inner) => branch(inner, marked)))) : null);
}

/** Whether one of some steps is in a part of a tree. */
function hasStep(each, steps) {
  return each.step ? steps.includes(each.step) : [...each.over, ...each.lowered].some((inner) => hasStep(inner, steps));
}

/** What of a placement an event is about: the steps that its thread is in, and the lock that it works on. */
function markedBy(run, event) {
  return { thread: run.threads[event.thread], steps: [...event.from, ...event.in], lock: event.object };
}
