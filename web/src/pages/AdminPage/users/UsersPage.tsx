import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { plansQuery } from "@/api/queries/admin/plans";
import { usersQuery } from "@/api/queries/admin/users";
import type { UsersSearch } from "@/lib/adminSearch";
import { UserSheet } from "./UserSheet";
import { UsersPageView } from "./UsersPageView";

export function UsersPage() {
  const { user, ...filter } = useSearch({ from: "/admin/users" });
  const navigate = useNavigate({ from: "/admin/users" });
  const users = useInfiniteQuery(usersQuery(filter));
  const plans = useQuery(plansQuery);
  const planNames = plans.data?.map(({ plan }) => plan.name) ?? [];
  const show = (search: UsersSearch, replace: boolean) =>
    navigate({ search, replace, resetScroll: false });
  return (
    <>
      <UsersPageView
        filter={filter}
        plans={planNames}
        users={users.data?.pages.flatMap((page) => page.users)}
        more={users.hasNextPage}
        morePending={users.isFetchingNextPage}
        error={users.error}
        onFilter={(next) => show(next, true)}
        onMore={users.fetchNextPage}
        onReload={users.refetch}
      />
      {user && <UserSheet id={user} plans={planNames} onClose={() => show({ ...filter }, false)} />}
    </>
  );
}
