import { Link } from "@tanstack/react-router";
import { PencilLine } from "lucide-react";
import type { GroupBy } from "@/api/queries/admin/usage";
import type { UsageSum } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Meter } from "@/components/ui/Meter";
import { Cell, Row, Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatNumber, formatUsd, toNumber } from "@/lib/format";

type Props = {
  by: GroupBy;
  groups: UsageSum[];
  total: UsageSum;
  onCorrect: (group: UsageSum) => void;
};

/** What each account, model or day used, and all of them together. */
export function SumsTable({ by, groups, total, onCorrect }: Props) {
  const { t } = useTranslation();
  const user = by === "user";
  const columns = [
    t(`admin.usage.by.${by}`),
    t("admin.usage.requests"),
    t("admin.usage.input"),
    t("admin.usage.output"),
    t("admin.usage.cost"),
    ...(user
      ? [t("admin.usage.tokensMonth"), t("admin.usage.budgetMonth"), t("admin.usage.actions")]
      : []),
  ];
  return (
    <Table label={t("admin.usage.title")} columns={columns} className="mt-6">
      {groups.map((group) => (
        <Row key={group.key} className="relative">
          <Cell className="font-[620] max-md:pe-10 md:font-[560]">
            {user ? <Account group={group} /> : <span className="break-all">{group.key}</span>}
          </Cell>
          <Figures sum={group} />
          {user && (
            <>
              <Cell name={t("admin.usage.tokensMonth")}>
                <Allowed
                  label={t("admin.usage.tokensMonth")}
                  used={toNumber(group.allowance?.tokensUsed)}
                  limit={toNumber(group.allowance?.tokensLimit ?? -1)}
                  format={formatCompact}
                />
              </Cell>
              <Cell name={t("admin.usage.budgetMonth")}>
                <Allowed
                  label={t("admin.usage.budgetMonth")}
                  used={group.allowance?.usedUsd ?? 0}
                  limit={group.allowance?.limitUsd ?? -1}
                  format={formatUsd}
                />
              </Cell>
              <Cell className="max-md:absolute max-md:top-2 max-md:end-0">
                <IconButton
                  label={t("admin.usage.correct", { name: group.username || group.key })}
                  onClick={() => onCorrect(group)}
                >
                  <PencilLine />
                </IconButton>
              </Cell>
            </>
          )}
        </Row>
      ))}
      <Row>
        <Cell className="font-[620]">{t("admin.usage.total")}</Cell>
        <Figures sum={total} />
        {user && (
          <>
            <Cell className="max-md:hidden" />
            <Cell className="max-md:hidden" />
            <Cell className="max-md:hidden" />
          </>
        )}
      </Row>
    </Table>
  );
}

function Account({ group }: { group: UsageSum }) {
  const { t } = useTranslation();
  return (
    <Link
      to="/admin/usage"
      search={(before) => ({ ...before, userId: group.key })}
      resetScroll={false}
      className="break-all text-accent-ink hover:underline"
    >
      {group.username || t("admin.usage.unnamed", { id: group.key.slice(-6) })}
    </Link>
  );
}

function Figures({ sum }: { sum: UsageSum }) {
  const { t } = useTranslation();
  return (
    <>
      <Cell name={t("admin.usage.requests")} className="tabular-nums">
        {formatNumber(toNumber(sum.requests))}
      </Cell>
      <Cell name={t("admin.usage.input")} className="tabular-nums">
        {formatNumber(toNumber(sum.inputTokens))}
      </Cell>
      <Cell name={t("admin.usage.output")} className="tabular-nums">
        {formatNumber(toNumber(sum.outputTokens))}
      </Cell>
      <Cell name={t("admin.usage.cost")} className="tabular-nums">
        {formatUsd(sum.costUsd)}
      </Cell>
    </>
  );
}

type AllowedProps = {
  label: string;
  used: number;
  limit: number;
  format: (value: number) => string;
};

function Allowed({ label, used, limit, format }: AllowedProps) {
  const { t } = useTranslation();
  if (limit < 0) return <span className="text-ink-faint">{t("common.unlimited")}</span>;
  const text = t("usage.of", { used: format(used), limit: format(limit) });
  return (
    <span className="block min-w-32 grow">
      <span className="text-xs tabular-nums">{text}</span>
      <Meter label={`${label}: ${text}`} value={Math.max(0, used)} limit={limit} className="mt-1" />
    </span>
  );
}
