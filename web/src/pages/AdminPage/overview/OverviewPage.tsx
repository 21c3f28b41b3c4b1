import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { type Overview, overviewQuery } from "@/api/queries/admin/overview";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatNumber, formatUsd } from "@/lib/format";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { type StateKind, States } from "./States";
import { Tile } from "./Tile";

/** What an administrator looks at first: who is here, what is used, and what works. */
export function OverviewPage() {
  const { t } = useTranslation();
  const overview = useQuery(overviewQuery);
  return (
    <>
      <PageHead title={t("admin.overview.title")} lead={t("admin.overview.lead")}>
        <Button asChild>
          <Link to="/admin/setup">
            <ListChecks aria-hidden /> {t("admin.setup.title")}
          </Link>
        </Button>
      </PageHead>
      {!overview.data && overview.error && (
        <ErrorNotice error={overview.error} onRetry={() => overview.refetch()} className="mt-6" />
      )}
      {!overview.data && !overview.error && <RowsSkeleton />}
      {overview.data && (
        <>
          <Tiles overview={overview.data} />
          <div className="mt-4 grid items-start gap-4 md:grid-cols-2">
            <Services services={overview.data.services} />
            <Providers providers={overview.data.providers} />
          </div>
        </>
      )}
    </>
  );
}

const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);

function Tiles({ overview: { users, usage, workspaces } }: { overview: Overview }) {
  const { t } = useTranslation();
  const unknown = t("admin.overview.unknown");
  const made = users?.registrations.map((day) => day.count) ?? [];
  const costs = usage?.map((day) => day.costUsd) ?? [];
  const tokens = usage?.map((day) => day.tokens) ?? [];
  return (
    <div className="mt-6 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Tile
        to="/admin/users"
        title={t("admin.users.title")}
        value={users ? formatNumber(users.total) : "–"}
        note={
          users
            ? t("admin.overview.users", {
                active: formatNumber(users.active),
                suspended: formatNumber(users.suspended),
              })
            : unknown
        }
        days={
          users
            ? { values: made, of: t("admin.overview.made", { made: formatNumber(sum(made)) }) }
            : undefined
        }
      />
      <Tile
        to="/admin/workspaces"
        title={t("admin.workspaces.title")}
        value={workspaces ? formatNumber(workspaces.running) : "–"}
        note={
          workspaces
            ? t("admin.overview.workspaces", {
                total: formatNumber(workspaces.total),
                failed: formatNumber(workspaces.failed),
              })
            : unknown
        }
      />
      <Tile
        to="/admin/usage"
        title={t("admin.overview.cost")}
        value={usage ? formatUsd(sum(costs)) : "–"}
        note={
          usage ? t("admin.overview.costToday", { cost: formatUsd(costs.at(-1) ?? 0) }) : unknown
        }
        days={usage ? { values: costs, of: t("admin.overview.days") } : undefined}
      />
      <Tile
        to="/admin/usage"
        title={t("admin.overview.tokens")}
        value={usage ? formatCompact(sum(tokens)) : "–"}
        note={
          usage
            ? t("admin.overview.tokensToday", { tokens: formatCompact(tokens.at(-1) ?? 0) })
            : unknown
        }
        days={usage ? { values: tokens, of: t("admin.overview.days") } : undefined}
      />
    </div>
  );
}

function Services({ services }: Pick<Overview, "services">) {
  const { t } = useTranslation();
  const rows = Object.entries(services)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, state]) => {
      const ok = state === "ok";
      return {
        name,
        kind: ok ? ("ok" as const) : ("bad" as const),
        state: t(ok ? "admin.overview.ok" : "admin.overview.down"),
      };
    });
  return <States title={t("admin.overview.services")} rows={rows} />;
}

const kinds: Record<string, StateKind> = { ok: "ok", failing: "warning", resting: "bad" };

function Providers({ providers }: Pick<Overview, "providers">) {
  const { t } = useTranslation();
  const rows = (providers ?? []).map(({ name, state, attempts, failures, models }) => ({
    name,
    note: (
      <>
        {models.join(", ")}
        {failures > 0 && (
          <>
            <br />
            {t("admin.overview.failures", {
              failures: formatNumber(failures),
              attempts: formatNumber(attempts),
            })}
          </>
        )}
      </>
    ),
    kind: kinds[state] ?? "neutral",
    state: t(`admin.overview.states.${state}`),
  }));
  return (
    <States
      title={t("admin.overview.providers")}
      rows={rows}
      none={t(providers ? "admin.overview.noProviders" : "admin.overview.unknown")}
    />
  );
}
