// The page at /api/docs: the contract, readable and to be tried with one's own session.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./apiDocs.css";
import { currentTheme, subscribe, watchTheme } from "./theme/choice";

// The theme has another name here; it follows the system and the other tabs as anywhere.
subscribe(() => {
  document.documentElement.classList.toggle("dark-mode", currentTheme() === "dark");
});
watchTheme();

SwaggerUI({
  dom_id: "#api-docs",
  url: "/api/openapi.json",
  // Its links would stand within buttons, which no screen reader makes sense of.
  deepLinking: false,
  docExpansion: "list",
  tagsSorter: "alpha",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Nothing of the document goes to a validator elsewhere.
  validatorUrl: null,
});
