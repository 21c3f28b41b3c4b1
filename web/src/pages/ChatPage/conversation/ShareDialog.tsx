import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Copy, ExternalLink, Link as LinkIcon } from "lucide-react";
import { changeConversation, conversationKey } from "@/api/queries/conversations";
import { shareConversation, unshareConversation } from "@/api/queries/shares";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { formatDateTime } from "@/lib/time";
import { toast } from "@/lib/toast";
import { useCopy } from "@/lib/useCopy";

type Props = { conversation: Conversation; onClose: () => void };

/** A read-only snapshot for whoever has its link, for as long as its owner wants. */
export function ShareDialog({ conversation, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { id, headMessageId, share } = conversation;
  const settle = (next: Conversation["share"]) => {
    changeConversation(queries, id, (one) => ({ ...one, share: next }));
    void queries.invalidateQueries({ queryKey: conversationKey(id) });
  };
  const make = useMutation({
    mutationFn: () => shareConversation(id, headMessageId),
    onSuccess: (made) => {
      settle(made);
      if (share) toast.success(t("chat.share.renewed"));
    },
  });
  const end = useMutation({
    mutationFn: () => unshareConversation(id),
    onSuccess: () => {
      settle(null);
      toast.message(t("chat.share.ended"));
      onClose();
    },
  });
  const error = make.error ?? end.error;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("chat.share.title")}
      description={t("chat.share.lead")}
    >
      {error && <ErrorNotice error={error} className="mb-4" />}
      {share ? (
        <>
          <SharedLink url={share.url} />
          <p className="mt-2 text-ink-faint text-xs">
            {t("chat.share.asOf", { date: formatDateTime(share.createdAt) })}
          </p>
          <div className="mt-6 flex flex-wrap justify-end gap-2">
            <Button variant="danger" pending={end.isPending} onClick={() => end.mutate()}>
              {t("chat.share.end")}
            </Button>
            <Button pending={make.isPending} onClick={() => make.mutate()}>
              {t("chat.share.renew")}
            </Button>
          </div>
        </>
      ) : (
        <div className="flex justify-end">
          <Button variant="primary" pending={make.isPending} onClick={() => make.mutate()}>
            <LinkIcon aria-hidden /> {t("chat.share.make")}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function SharedLink({ url }: { url: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  const address = new URL(url, window.location.origin).href;
  return (
    <div className="flex items-end gap-1">
      <Field
        label={t("chat.share.link")}
        readOnly
        value={address}
        onFocus={(event) => event.target.select()}
        className="min-w-0 grow"
      />
      <IconButton
        label={copied ? t("common.copied") : t("chat.share.copy")}
        onClick={() => copy(address)}
      >
        {copied ? <Check className="text-ok" /> : <Copy />}
      </IconButton>
      <a
        href={address}
        target="_blank"
        rel="noopener"
        aria-label={t("chat.share.visit")}
        className="inline-flex size-9 shrink-0 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
      >
        <ExternalLink aria-hidden className="size-[18px]" />
      </a>
    </div>
  );
}
