// Sets the colour theme before the first paint. Kept in step with choice.ts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("atrium:theme");
  } catch {
    // Storage may be blocked; the system's choice is a good answer.
  }
  const dark =
    choice === "dark" ||
    (choice !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
