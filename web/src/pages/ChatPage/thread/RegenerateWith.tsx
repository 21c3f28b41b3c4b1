import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { modelsQuery } from "@/api/queries/models";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Menu, MenuItem, MenuLabel } from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { useChat } from "../ChatContext";

/** The same question to another model. */
export function RegenerateWith({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { regenerate, busy } = useChat();
  const { data: models = [] } = useQuery(modelsQuery);
  if (models.length < 2) return null;
  return (
    <Menu
      align="start"
      trigger={
        <IconButton small label={t("chat.regenerateWith")} disabled={busy} className="w-6!">
          <ChevronDown />
        </IconButton>
      }
    >
      <MenuLabel>{t("chat.regenerateWith")}</MenuLabel>
      {models.map(({ id, displayName, provider }) => (
        <MenuItem key={id} onSelect={() => regenerate(message, id)}>
          {displayName}
          <span className="text-ink-faint text-xs">{provider}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}
