import type { Workspace, WorkspaceEvent } from "@/api/types";
import { Isolation } from "@/components/workspace/Isolation";
import { useTranslation } from "@/i18n/useTranslation";
import { Centered } from "./Centered";
import { StepList } from "./StepList";

type Props = { workspace: Workspace; events: WorkspaceEvent[] };

export function StartingPanel({ workspace, events }: Props) {
  const { t } = useTranslation();
  return (
    <Centered>
      <h2 className="text-xl">{t("workspace.startingTitle", { name: workspace.name })}</h2>
      <p className="mt-2 text-ink-soft">
        <Isolation isolation={workspace.isolation} />
      </p>
      <StepList events={events} />
    </Centered>
  );
}
