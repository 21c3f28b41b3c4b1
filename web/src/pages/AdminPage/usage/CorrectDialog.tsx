import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { adminUsageKey, correctUsage } from "@/api/queries/admin/usage";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { amountsOf } from "./amounts";

/** Whose usage, and of which request; without one it is corrected by hand. */
export type Correctable = { userId: string; name: string; requestId?: string };

type Props = { of: Correctable; onClose: () => void };

export function CorrectDialog({ of: { userId, name, requestId }, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const [tokens, setTokens] = useState("");
  const [dollars, setDollars] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: correctUsage,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: adminUsageKey });
      toast.success(t("admin.usage.corrected"));
      onClose();
    },
  });
  const amounts = requestId ? {} : amountsOf(tokens, dollars);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof amounts === "string" || reason.trim() === "" || save.isPending) return;
    save.mutate({ key, userId, requestId, reason: reason.trim(), ...amounts });
  };
  const wrong =
    tried && typeof amounts === "string"
      ? t(amounts === "none" ? "admin.usage.amountNone" : "admin.usage.amountInvalid")
      : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={requestId ? t("admin.usage.giveBackTitle") : t("admin.usage.correctTitle", { name })}
      description={
        requestId ? t("admin.usage.giveBackLead", { name }) : t("admin.usage.correctLead")
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {save.error && <ErrorNotice error={save.error} />}
        {!requestId && (
          <div className="grid grid-cols-2 items-start gap-3">
            <Field
              label={t("admin.usage.tokens")}
              autoComplete="off"
              inputMode="text"
              value={tokens}
              error={wrong}
              onChange={(event) => setTokens(event.target.value)}
            />
            <Field
              label={t("admin.usage.usd")}
              autoComplete="off"
              inputMode="text"
              value={dollars}
              onChange={(event) => setDollars(event.target.value)}
            />
          </div>
        )}
        <Field
          label={t("admin.usage.reason")}
          hint={t("admin.usage.reasonHint")}
          maxLength={500}
          autoComplete="off"
          value={reason}
          error={tried && reason.trim() === "" ? t("admin.usage.reasonNone") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>
            {requestId ? t("admin.usage.giveBack") : t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
