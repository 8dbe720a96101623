// Runs before the page paints, so that a remembered theme doesn't flash.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // Storage may be forbidden; the system's own scheme is used then.
}
