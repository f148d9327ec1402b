// Light or dark.

/** The button that goes from the system's theme to light and dark. */
function themes() {
  const names = ['auto', 'light', 'dark'];
  const button = make('button', { type: 'button', class: 'theme', onclick: next }, 'Theme: auto');
  function next() {
    const theme = names[(names.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) % 3];
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  }
  return button;
}
