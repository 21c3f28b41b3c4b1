import { Button } from "@/components/ui/Button";
import "@/i18n/tools";
import { type TextKey, useTranslation } from "@/i18n/useTranslation";
import type { ConnectionState } from "./connection";

type Props = { state: ConnectionState; onAgain: () => void };

/** Why there is no terminal, by the contract's reasons. */
const closings: Record<string, TextKey> = {
  TERMINAL_TAKEN_OVER: "terminal.taken",
  SESSION_ENDED: "terminal.signedOut",
  UNAUTHENTICATED: "terminal.signedOut",
  WORKSPACE_NOT_RUNNING: "terminal.notRunning",
  TERMINALS_UNAVAILABLE: "terminal.none",
  TERMINALS_EXHAUSTED: "terminal.exhausted",
};

/** Why there is none yet: what passes by itself. */
const waits: Record<string, TextKey> = {
  RATE_LIMITED: "terminal.limited",
  TOO_MANY_STREAMS: "terminal.streams",
};

/** Says what became of the connection, when it is not simply there. */
export function StateNotice({ state, onAgain }: Props) {
  const { t } = useTranslation();
  const words = () => {
    switch (state.kind) {
      case "exited":
        return t("terminal.exited", { code: state.code });
      case "closed":
        return t(closings[state.reason] ?? "terminal.closed");
      case "unreachable":
        return t(waits[state.reason ?? ""] ?? "terminal.unreachable");
      case "lost":
        return t("terminal.lost");
      default:
        return "";
    }
  };
  const text = words();
  const over = state.kind === "exited" || state.kind === "closed";
  return (
    <div role="status">
      {text && (
        <div className="flex flex-wrap items-center gap-2 border-b bg-busy-soft px-3 py-1.5 text-busy text-sm">
          <span className="grow">{text}</span>
          {over && (
            <Button size="sm" onClick={onAgain}>
              {state.kind === "exited" ? t("terminal.new") : t("terminal.again")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
