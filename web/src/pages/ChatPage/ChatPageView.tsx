import { Link } from "@tanstack/react-router";
import { SquarePen } from "lucide-react";
import type { ReactNode } from "react";
import { AppShell } from "@/components/layout/AppShell";
import { Tooltip } from "@/components/ui/Tooltip";
import { useTranslation } from "@/i18n/useTranslation";
import { ConversationList } from "./sidebar/ConversationList";
import { ListSheet } from "./sidebar/ListSheet";

/** The list beside the conversation; on a narrow screen the list is a sheet. */
export function ChatPageView({ children }: { children: ReactNode }) {
  return (
    <AppShell fixed header={<NarrowTools />}>
      <div className="flex min-h-0 grow">
        <div className="hidden w-[272px] shrink-0 flex-col border-e bg-sunken md:flex">
          <ConversationList />
        </div>
        <div className="flex min-w-0 grow flex-col">{children}</div>
      </div>
    </AppShell>
  );
}

function NarrowTools() {
  const { t } = useTranslation();
  return (
    <div className="ms-auto flex md:hidden">
      <ListSheet />
      <Tooltip label={t("chat.new")}>
        <Link
          to="/chat"
          aria-label={t("chat.new")}
          className="inline-flex size-9 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
        >
          <SquarePen aria-hidden className="size-[18px]" />
        </Link>
      </Tooltip>
    </div>
  );
}
