import { UserRoundSearch } from "lucide-react";
import type { UserFilter } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { Empty } from "../Empty";
import { MoreRows } from "../MoreRows";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { UserFilters } from "./UserFilters";
import { UserRow } from "./UserRow";

type Props = {
  filter: UserFilter;
  plans: string[];
  users: User[] | undefined;
  more: boolean;
  morePending: boolean;
  error: Error | null;
  onFilter: (filter: UserFilter) => void;
  onMore: () => void;
  onReload: () => void;
};

export function UsersPageView(props: Props) {
  const { filter, plans, users, more, morePending, error, onFilter, onMore, onReload } = props;
  const { t } = useTranslation();
  const columns = (["account", "role", "plan", "state", "lastLogin"] as const).map((column) =>
    t(`admin.users.${column}`),
  );
  return (
    <>
      <PageHead title={t("admin.users.title")} lead={t("admin.users.lead")} />
      <UserFilters filter={filter} plans={plans} onChange={onFilter} />
      {!users && error && <ErrorNotice error={error} onRetry={onReload} className="mt-6" />}
      {!users && !error && <RowsSkeleton />}
      {users?.length === 0 && (
        <Empty icon={UserRoundSearch} title={t("admin.users.none")}>
          <Button onClick={() => onFilter({})}>{t("admin.clearFilters")}</Button>
        </Empty>
      )}
      {users && users.length > 0 && (
        <>
          <Table label={t("admin.users.title")} columns={columns} className="mt-6">
            {users.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </Table>
          <MoreRows
            shown={users.length}
            more={more}
            pending={morePending}
            error={error}
            onMore={onMore}
          />
        </>
      )}
    </>
  );
}
