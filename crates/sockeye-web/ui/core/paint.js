/**
 * Sets the theme before the first paint. A plain script, since a module would come after it; everything
 * else about settings is settings.js.
 */
try {
  const kept = JSON.parse(localStorage.getItem("sockeye.settings") ?? "null");
  const theme = kept?.theme;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme it is.
}
