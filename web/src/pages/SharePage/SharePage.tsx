import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { isNotFound } from "@/api/errors";
import { sharedQuery } from "@/api/queries/shares";
import "@/i18n/chat";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { SharePageView } from "./SharePageView";

/** A conversation as somebody has shared it, for readers with and without an account. */
export function SharePage() {
  const { token } = useParams({ from: "/share/$token" });
  const shared = useQuery(sharedQuery(token));
  useNoIndex();
  if (isNotFound(shared.error)) return <NotFoundPage />;
  return <SharePageView shared={shared.data} error={shared.error} onReload={shared.refetch} />;
}

/** What is shared with those who have the link is not for search engines. */
function useNoIndex() {
  useEffect(() => {
    const meta = document.createElement("meta");
    meta.name = "robots";
    meta.content = "noindex";
    document.head.append(meta);
    return () => meta.remove();
  }, []);
}
