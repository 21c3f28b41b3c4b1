import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import type { ConversationContext } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Loading } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import type { Node } from "@/turns/tree";
import { MessageRow } from "./MessageRow";
import { useFound } from "./useFound";

type Props = {
  conversationId: string;
  nodes: Node[];
  /** Tells which messages the model knows as a summary only. */
  context?: ConversationContext;
  /** The branch begins before what is loaded. */
  earlier: boolean;
  onEarlier: () => void;
  /** A message to show, wherever the reader is. */
  target?: string;
  onReached: () => void;
};

/** How far from the end, in pixels, still counts as reading along. */
const nearEnd = 80;

/** From how many screens below the first loaded message on to read those before it. */
const nearStart = 2;

/**
 * The messages of the branch that is shown. Only those in view are in the
 * document; the virtualizer keeps the end in place while an answer grows, as
 * long as the reader is there.
 */
export function Thread(props: Props) {
  const { conversationId, nodes, context, earlier, onEarlier, target, onReached } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (nodes[index]?.message.role === "user" ? 96 : 320),
    getItemKey: (index) => nodes[index]?.message.id ?? index,
    overscan: 4,
    paddingStart: earlier ? 64 : 24,
    paddingEnd: 24,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
    useAnimationFrameWithResizeObserver: false,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation opens at its end.
  useLayoutEffect(() => rows.scrollToEnd(), [conversationId]);

  // Looked at whenever the rows in view are others, wherever that leaves the
  // reader: the first row may be among them long before its beginning is near.
  useEffect(() => {
    const box = scroller.current;
    if (earlier && box && box.scrollTop < nearStart * box.clientHeight) onEarlier();
  });

  const found = useFound(nodes, target, onReached, (index) =>
    rows.scrollToIndex(index, { align: "center" }),
  );

  // What the user has just sent is always shown, wherever they were reading.
  const asked = nodes.findLast((node) => node.message.role === "user")?.message.id;
  const before = useRef(asked);
  useEffect(() => {
    if (asked !== before.current) rows.scrollToEnd();
    before.current = asked;
  }, [asked, rows]);

  return (
    <div className="relative flex min-h-0 grow flex-col">
      <section
        ref={scroller}
        aria-label={t("chat.thread")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 grow overflow-y-auto overflow-x-hidden [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div className="relative w-full" style={{ height: rows.getTotalSize() }}>
          {earlier && (
            <Loading className="flex h-16 items-center justify-center text-ink-faint text-xs">
              {t("chat.loadingEarlier")}
            </Loading>
          )}
          {rows.getVirtualItems().map((row) => {
            const node = nodes[row.index];
            return (
              node && (
                <div
                  key={row.key}
                  data-index={row.index}
                  ref={rows.measureElement}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <MessageRow
                    node={node}
                    last={row.index === nodes.length - 1}
                    found={found === node.message.id}
                    summary={
                      context?.summarizedUntilMessageId === node.message.id ? context : undefined
                    }
                  />
                </div>
              )
            );
          })}
        </div>
      </section>
      {!rows.isAtEnd(nearEnd) && nodes.length > 0 && (
        <Button
          size="sm"
          className="absolute inset-x-0 bottom-3 mx-auto w-fit rounded-full! shadow-float!"
          onClick={() => rows.scrollToEnd({ behavior: "smooth" })}
        >
          <ArrowDown aria-hidden /> {t("chat.jump")}
        </Button>
      )}
    </div>
  );
}
