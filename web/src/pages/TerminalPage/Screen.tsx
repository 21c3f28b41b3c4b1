import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { forwardRef, useEffect, useImperativeHandle, useRef } from "react";
import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";
import { useTheme } from "@/theme/theme";
import { type ConnectionState, TerminalConnection } from "./connection";

export type ScreenHandle = { type: (text: string) => void };
type Props = {
  workspaceId: string;
  session: string;
  onState: (state: ConnectionState) => void;
};

/** A shell of the workspace. Tab goes to the shell; Ctrl+Shift+M, or Esc twice, leaves it. */
export const Screen = forwardRef<ScreenHandle, Props>(function Screen(
  { workspaceId, session, onState },
  handle,
) {
  const { t } = useTranslation();
  const theme = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal>(null);
  const connection = useRef<TerminalConnection>(null);
  useImperativeHandle(handle, () => ({
    type: (text) => {
      connection.current?.type(text);
      terminal.current?.focus();
    },
  }));

  useEffect(() => {
    if (!place.current) return;
    const shown = new Terminal({
      fontFamily: '"JetBrains Mono Variable", monospace',
      fontSize: 14,
      scrollback: 5_000,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      minimumContrastRatio: 4.5,
      theme: colours(),
    });
    const fit = new FitAddon();
    shown.loadAddon(fit);
    shown.open(place.current);
    fit.fit();
    terminal.current = shown;
    shown.textarea?.setAttribute("aria-label", t("terminal.input"));
    const joined = new TerminalConnection({
      workspaceId,
      session,
      size: () => ({ cols: shown.cols, rows: shown.rows }),
      onState: (state) => {
        // What comes is the whole of what is remembered, not what was missed.
        if (state.kind === "open") shown.reset();
        onState(state);
      },
      onBytes: (bytes) => shown.write(bytes),
    });
    connection.current = joined;
    shown.onData((text) => joined.type(text));
    shown.onResize((size) => joined.resize(size));
    shown.attachCustomKeyEventHandler((event) => {
      const leaves = event.ctrlKey && event.shiftKey && event.code === "KeyM";
      if (leaves && event.type === "keydown") shown.blur();
      return !leaves;
    });
    const watcher = new ResizeObserver(() => fit.fit());
    watcher.observe(place.current);
    // Sizes are those of the font, once it is there.
    void document.fonts.ready.then(() => fit.fit());
    shown.focus();
    return () => {
      watcher.disconnect();
      joined.close();
      shown.dispose();
      terminal.current = null;
    };
  }, [workspaceId, session, onState, t]);

  useEffect(() => {
    if (terminal.current && theme) terminal.current.options.theme = colours();
  }, [theme]);

  return <div ref={place} className="min-h-0 grow overflow-hidden bg-code p-2" />;
});

/** The page's colours, as the terminal needs them: it knows no CSS variables. */
function colours(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => srgb(style.getPropertyValue(name));
  return {
    background: colour("--code"),
    foreground: colour("--ink"),
    cursor: colour("--accent"),
    cursorAccent: colour("--code"),
    selectionBackground: colour("--surface-active"),
    green: colour("--ok"),
    yellow: colour("--busy"),
    red: colour("--bad"),
    cyan: colour("--accent"),
    brightBlack: colour("--ink-faint"),
  };
}

/** A colour in the notation that every program reads. */
function srgb(colour: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return "#808080";
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
