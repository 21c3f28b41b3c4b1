import { useEffect, useState } from "react";
import type { PluginConfig } from "streamdown";

const loaded: PluginConfig = {};

const hasMath = (text: string) => text.includes("$$");
const hasDiagram = (text: string) => text.includes("```mermaid");

async function load(math: boolean, diagram: boolean) {
  await Promise.all([
    math && !loaded.math && import("./math").then((plugin) => Object.assign(loaded, plugin)),
    diagram &&
      !loaded.mermaid &&
      import("./mermaid").then((plugin) => Object.assign(loaded, plugin)),
  ]);
  return { ...loaded };
}

/** Maths and diagrams are heavy: they are fetched by the first text that has some. */
export function usePlugins(text: string): PluginConfig {
  const [plugins, setPlugins] = useState<PluginConfig>(() => ({ ...loaded }));
  const math = hasMath(text) && !plugins.math;
  const diagram = hasDiagram(text) && !plugins.mermaid;
  useEffect(() => {
    if (!math && !diagram) return;
    let current = true;
    // Without its plugin a formula or a diagram stays readable as source.
    load(math, diagram).then(
      (ready) => current && setPlugins(ready),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [math, diagram]);
  return plugins;
}
