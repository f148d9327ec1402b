// The page of a study: its conclusion, its parts, and what is chosen in them.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 1; // the version of the document that this script reads

function start() {
  if (doc.version !== KNOWN) {
    document.body.prepend(make('p', { class: 'notice' }, `This page has a document of version ${doc.version}, and reads version ${KNOWN}.`));
    return;
  }
  document.title = `${doc.title}: locking`;
  document.getElementById('top').replaceChildren(
    make('div', { class: 'title' }, make('h1', {}, doc.title), themes()),
    make('p', { class: 'about' }, doc.about), make('p', { class: 'headline' }, doc.headline));
  document.getElementById('verdicts').replaceChildren(make('h2', { id: 'verdicts-title' }, 'What was found'), ...doc.parts.map((part) => drawnPart(part, tell)));
  document.getElementById('foot').replaceChildren(foot(doc.made));
  document.getElementById('run').hidden = true;
  document.querySelector('.skip').remove();
  keepEdges();
}

/** Show the lines on what was chosen. */
function tell(title, lines) {
  const run = document.getElementById('run');
  run.hidden = false;
  run.replaceChildren(make('h2', { id: 'run-title' }, title), linesPart({ lines }));
  say(`${title}: ${lines.map(([text]) => text).join(' ')}`);
  run.scrollIntoView({ block: 'nearest' });
}

start();
