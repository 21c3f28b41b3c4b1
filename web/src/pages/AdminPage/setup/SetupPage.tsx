import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "@/api/queries/session";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { type SetupStep, setupSteps } from "@/lib/setup";
import { useSetup } from "@/lib/useSetup";
import { PageHead } from "../PageHead";
import { IsolationStep } from "./IsolationStep";
import { PlansStep } from "./PlansStep";
import { ProviderStep } from "./ProviderStep";

/** What a new deployment needs, each with a test of the real thing. */
export function SetupPage() {
  const { data: signedIn } = useQuery(sessionQuery);
  return signedIn ? <Guide user={signedIn.user} /> : null;
}

const parts = { provider: ProviderStep, plans: PlansStep, isolation: IsolationStep };

function Guide({ user }: { user: User }) {
  const { t } = useTranslation();
  const { setup, change, pending } = useSetup(user);
  const mark = (step: SetupStep, done: boolean) => {
    if (setup.done.includes(step) === done) return;
    const steps = setupSteps.filter((one) => (one === step ? done : setup.done.includes(one)));
    change({ ...setup, done: steps });
  };
  return (
    <>
      <PageHead title={t("admin.setup.title")} lead={t("admin.setup.lead")}>
        {user.roles.includes("owner") && setup.done.length < setupSteps.length && (
          <Button
            pending={pending}
            onClick={() => change({ ...setup, dismissed: !setup.dismissed })}
          >
            {t(setup.dismissed ? "admin.setup.remind" : "admin.setup.dismiss")}
          </Button>
        )}
      </PageHead>
      <p role="status" className="mt-3 text-ink-soft text-sm">
        {t("setup.progress", { done: setup.done.length, all: setupSteps.length })}
      </p>
      <ol className="mt-4 flex flex-col gap-4">
        {setupSteps.map((step, i) => {
          const Part = parts[step];
          return (
            <Part
              key={step}
              number={i + 1}
              done={setup.done.includes(step)}
              onDone={(done) => mark(step, done)}
            />
          );
        })}
      </ol>
    </>
  );
}
