import { Info, PartyPopper, TriangleAlert } from "lucide-react";
import { ApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Notice } from "@/components/ui/Notice";
import { toast } from "@/lib/toast";
import { Row, Show } from "./Show";

const error = new ApiError({ code: 503, message: "The service is away.", requestId: "0123abcd" });
const nothing = () => undefined;

/** What is said to a person. */
export function Messages() {
  return (
    <>
      <Show title="Notice">
        <Notice icon={Info}>Something to know.</Notice>
        <Notice kind="ok" icon={PartyPopper}>
          Something that went well.
        </Notice>
        <Notice kind="warning" icon={TriangleAlert}>
          Something to be careful about.
        </Notice>
      </Show>
      <Show title="ErrorNotice">
        <ErrorNotice error={error} />
        <ErrorNotice error={error} title="It could not be saved" onRetry={nothing} />
        <ErrorNotice error={error} onDismiss={nothing} />
      </Show>
      <Show title="Toaster">
        <Row>
          <Button onClick={() => toast.message("Something happened.")}>A message</Button>
          <Button onClick={() => toast.success("It went well.")}>A success</Button>
          <Button onClick={() => toast.error("It went wrong.")}>An error</Button>
        </Row>
      </Show>
    </>
  );
}
