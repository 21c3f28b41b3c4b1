export { mermaid } from "@streamdown/mermaid";
