import { Monitor, Moon, Sun } from "lucide-react";
import { Segmented } from "@/components/ui/Segmented";
import { setThemeChoice, useThemeChoice } from "@/theme/theme";
import { Actions } from "./Actions";
import { Fields } from "./Fields";
import { Messages } from "./Messages";
import { Shapes } from "./Shapes";

/** Every component of components/ui in its states, for development alone. */
export function Components() {
  return (
    <main className="mx-auto max-w-3xl px-4 py-8">
      <div className="mb-6 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl">Components</h1>
        <Segmented
          label="Theme"
          value={useThemeChoice()}
          onChange={setThemeChoice}
          options={[
            { value: "system", label: "System", icon: <Monitor aria-hidden /> },
            { value: "light", label: "Light", icon: <Sun aria-hidden /> },
            { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
          ]}
        />
      </div>
      <Actions />
      <Fields />
      <Messages />
      <Shapes />
    </main>
  );
}
