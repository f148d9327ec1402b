// Elements. Rule of this file: what a document says becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: `named` are attributes, and listeners under names such as `onclick`. */
function make(tag, named = {}, ...inside) {
  return filled(document.createElement(tag), named, inside);
}

/** The same for a drawing. */
function draw(tag, named = {}, ...inside) {
  return filled(document.createElementNS(SVG, tag), named, inside);
}

function filled(element, named, inside) {
  for (const [name, value] of Object.entries(named)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...inside.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== ''));
  return element;
}

/** A name, or code, that may be broken after its hyphens, dots and underscores. */
function breakable(name) {
  return name.split(/(?<=[-._/(,])(?!\))/).flatMap((part, at) => (at ? [make('wbr'), part] : [part]));
}

/** A number with its noun. */
function counted(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
}

/** A button that copies a text, and says that it did. */
function copier(label, text) {
  const button = make('button', { type: 'button', class: 'copy', onclick: copy }, label);
  async function copy() {
    const done = await copied(text);
    say(done ? `${label}: copied` : 'The browser did not let the page copy.');
    button.textContent = done ? 'Copied' : 'Not copied';
    setTimeout(() => { button.textContent = label; }, 1500);
  }
  return button;
}

/** Whether a text could be put on the clipboard. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

/** Tell those who listen. */
function say(text) {
  document.getElementById('said').textContent = text;
}
