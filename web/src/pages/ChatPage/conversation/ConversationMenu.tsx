import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Conversation } from "@/api/types";
import { Menu } from "@/components/ui/Menu";
import { RenameDialog } from "../sidebar/RenameDialog";
import { useUpdateConversation } from "../sidebar/useUpdateConversation";
import type { Asked } from "./ConversationActions";

const ConversationActions = lazy(() =>
  import("./ConversationActions").then((m) => ({ default: m.ConversationActions })),
);
const BesideEditorDialog = lazy(() =>
  import("./BesideEditorDialog").then((m) => ({ default: m.BesideEditorDialog })),
);
const ShareDialog = lazy(() => import("./ShareDialog").then((m) => ({ default: m.ShareDialog })));
const SettingsDialog = lazy(() =>
  import("./SettingsDialog").then((m) => ({ default: m.SettingsDialog })),
);

type Props = { conversation: Conversation; trigger: ReactNode };

/** Everything that can be done with a whole conversation, in its list and on its page. */
export function ConversationMenu({ conversation, trigger }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const update = useUpdateConversation();
  const { id } = conversation;
  const close = () => setAsked(null);
  return (
    <>
      <Menu trigger={trigger}>
        <ConversationActions conversation={conversation} onAsk={setAsked} />
      </Menu>
      {asked === "rename" && (
        <RenameDialog
          conversation={conversation}
          onRename={(title) => update.mutate({ id, patch: { title } })}
          onClose={close}
        />
      )}
      <Suspense fallback={null}>
        {asked === "beside" && <BesideEditorDialog conversation={conversation} onClose={close} />}
        {asked === "share" && <ShareDialog conversation={conversation} onClose={close} />}
        {asked === "settings" && <SettingsDialog conversation={conversation} onClose={close} />}
      </Suspense>
    </>
  );
}
