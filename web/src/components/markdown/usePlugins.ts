import { useEffect, useState } from "react";
import type { PluginConfig } from "streamdown";

let loaded: PluginConfig = {};

/** The maths renderer is heavy: it is fetched by the first text that has a formula. */
export function usePlugins(text: string): PluginConfig {
  const [plugins, setPlugins] = useState(loaded);
  const wanted = !plugins.math && text.includes("$$");
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    import("./math").then(
      ({ math }) => {
        loaded = { math };
        if (current) setPlugins(loaded);
      },
      // Without it a formula stays readable as source.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [wanted]);
  return plugins;
}
