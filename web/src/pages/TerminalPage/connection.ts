import { backoff } from "@/lib/backoff";

export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "open"; resumed: boolean }
  /** It broke, and is being tried again. */
  | { kind: "lost" }
  /** There was none, or none for long; it is being tried again. The reason is one that passes. */
  | { kind: "unreachable"; reason?: string }
  /** The shell has ended. */
  | { kind: "exited"; code: number }
  /** For good, for the reason of the contract's. */
  | { kind: "closed"; reason: string };

type Size = { cols: number; rows: number };
type Options = {
  workspaceId: string;
  session: string;
  size: () => Size;
  onState: (state: ConnectionState) => void;
  onBytes: (bytes: Uint8Array) => void;
};

type Ended = {
  opened: boolean;
  /** Why there is none, if that passes by itself; else empty. */
  reason: string;
  /** The server restarts and said so: somebody else goes on at once. */
  sentAway: boolean;
  state: ConnectionState;
};

/** The code with which a server that restarts closes. */
const serviceRestart = 1012;
/** What is not tried again by itself. */
const final = [
  "SESSION_ENDED",
  "TERMINAL_TAKEN_OVER",
  "WORKSPACE_NOT_RUNNING",
  "TERMINALS_UNAVAILABLE",
  "TERMINALS_EXHAUSTED",
  "FRAME_INVALID",
  "UNAUTHENTICATED",
];
/** What passes by itself, and is worth being said. */
const passing = ["RATE_LIMITED", "TOO_MANY_STREAMS"];
/** So many tries later, "lost" is not all there is to say. */
const patience = 3;
/** A pasted text goes in pieces of this many bytes; the gateway takes 64 KiB. */
const piece = 32 * 1024;

/**
 * One terminal's connection, made anew whenever it breaks: the shell goes on
 * meanwhile, and shows what it printed last.
 */
export class TerminalConnection {
  private readonly abort = new AbortController();
  private socket: WebSocket | undefined;
  /** What is typed between two connections of which nobody is told; else undefined. */
  private typed: string | undefined;

  constructor(private readonly options: Options) {
    void this.run();
  }

  close() {
    this.abort.abort();
  }

  type(text: string) {
    if (this.typed !== undefined) {
      this.typed += text;
      return;
    }
    const bytes = new TextEncoder().encode(text);
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    for (let at = 0; at < bytes.length; at += piece) {
      this.socket.send(bytes.subarray(at, at + piece));
    }
  }

  private flush() {
    const text = this.typed;
    this.typed = undefined;
    if (text) this.type(text);
  }

  resize(size: Size) {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ resize: size }));
    }
  }

  private async run() {
    const { signal } = this.abort;
    let had = false;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const { opened, reason, sentAway, state } = await this.connect(signal);
      if (signal.aborted) return;
      if (opened) attempt = 0;
      had ||= opened;
      this.typed = sentAway ? "" : undefined;
      const lost = state.kind === "lost";
      // A refusal that says why is told as that at once.
      const unreachable = lost && (!!reason || !(had && attempt < patience));
      if (!sentAway)
        this.options.onState(
          unreachable ? { kind: "unreachable", ...(reason && { reason }) } : state,
        );
      if (!lost) return;
      await backoff(attempt, signal);
    }
  }

  /** Resolves when the connection has ended. */
  private connect(signal: AbortSignal): Promise<Ended> {
    const { workspaceId, session, size, onState, onBytes } = this.options;
    return new Promise((resolve) => {
      const address = new URL(
        `/ide/ws/workspaces/${encodeURIComponent(workspaceId)}/terminal`,
        window.location.href,
      );
      address.protocol = address.protocol.replace("http", "ws");
      const { cols, rows } = size();
      address.search = new URLSearchParams({
        session,
        cols: `${cols}`,
        rows: `${rows}`,
        refusal: "close",
      }).toString();
      const socket = new WebSocket(address);
      socket.binaryType = "arraybuffer";
      this.socket = socket;
      let opened = false;
      let exited: number | undefined;
      const close = () => socket.close();
      signal.addEventListener("abort", close);
      window.addEventListener("offline", close);
      socket.onmessage = ({ data }) => {
        if (typeof data !== "string") return onBytes(new Uint8Array(data));
        const frame = JSON.parse(data) as { resumed?: boolean; exit?: { code: number } };
        if (frame.exit) exited = frame.exit.code;
        else {
          opened = true;
          this.flush();
          onState({ kind: "open", resumed: frame.resumed === true });
          // The window may have changed while the connection was made.
          this.resize(size());
        }
      };
      socket.onclose = ({ code, reason }) => {
        signal.removeEventListener("abort", close);
        window.removeEventListener("offline", close);
        const state: ConnectionState =
          exited !== undefined
            ? { kind: "exited", code: exited }
            : final.includes(reason)
              ? { kind: "closed", reason }
              : { kind: "lost" };
        resolve({
          opened,
          reason: passing.includes(reason) ? reason : "",
          sentAway: code === serviceRestart && state.kind === "lost",
          state,
        });
      };
    });
  }
}
