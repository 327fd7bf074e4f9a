// Runs before the first paint (a classic script in <head>), so that a stored choice never flashes the other theme.
(() => {
  try {
    const stored = localStorage.getItem("theme");
    if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
  } catch {
    // Storage may be forbidden; the system's preference then rules.
  }
})();
