// The lines of the model around one: their common indentation taken off, and wrapped.

const NEAR = 4; // lines above and below the marked one

/** The figure of the source at `site`, with what it stands for; `above` is said over it. */
function sourceFigure(doc, [file, line], near = NEAR, above = null, notes = []) {
  const { name, parts } = doc.files[file];
  const [first, text] = parts.find(([start, body]) => start <= line && line < start + body.split('\n').length) ?? [line, ''];
  const all = text.split('\n');
  const from = Math.max(line - near, first);
  const lines = all.slice(from - first, line + near + 1 - first);
  const common = Math.min(...lines.filter((each) => each.trim()).map((each) => each.match(/^ */)[0].length), 40);
  return make('figure', { class: 'source' },
    make('figcaption', {}, above, make('code', {}, `${name}:${line}`), notes.map((each) => [make('br'), each])),
    make('pre', { tabindex: '0', role: 'group', 'aria-label': `Source, line ${line}` }, make('code', {},
      lines.map((each, at) => sourceLine(each.slice(common), from + at, line)))));
}

/** The figures of an event's line; of a step in a helper, first the line that called it. */
function eventSource(doc, event, near = NEAR, above = null, notes = []) {
  if (!event.caller) return sourceFigure(doc, event.site, near, above, notes);
  return [sourceFigure(doc, event.caller, near, above, notes), sourceFigure(doc, event.site, 1, `in ${event.helper}, called there: `)];
}

function sourceLine(text, number, marked) {
  const here = number === marked;
  const indent = text.match(/^ */)[0].length;
  const code = make('span', { class: 'text' }, coloured(text));
  code.style.paddingLeft = `${indent + 2}ch`;
  code.style.textIndent = `-${indent + 2}ch`;
  return make('span', { class: here ? 'line here' : 'line' },
    make('span', { class: 'number' }, here ? '▶' : '', String(number)), code);
}

const WORDS = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(#.*$)|\b(async|await|def|with|for|in|if|elif|else|while|return|not|and|or|is|None|True|False|class|import|from|as|assert|raise|try|except|finally|lambda|yield|pass|break|continue)\b/g;

/** A line of Python, its words, strings and comments told apart. */
function coloured(text) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(WORDS)) {
    found.push(breakable(text.slice(done, match.index)));
    found.push(make('span', { class: match[1] ? 'string' : match[2] ? 'comment' : 'word' }, breakable(match[0])));
    done = match.index + match[0].length;
  }
  return [...found, breakable(text.slice(done))];
}
