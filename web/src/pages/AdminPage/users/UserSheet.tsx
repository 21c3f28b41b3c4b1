import { useQuery } from "@tanstack/react-query";
import { userQuery } from "@/api/queries/admin/users";
import { sessionQuery } from "@/api/queries/session";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Sheet } from "@/components/ui/Sheet";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { UserDetails } from "./UserDetails";

type Props = { id: string; plans: string[]; onClose: () => void };

/** One account beside the list; the address names it. */
export function UserSheet({ id, plans, onClose }: Props) {
  const { t } = useTranslation();
  const { data: signedIn } = useQuery(sessionQuery);
  const user = useQuery(userQuery(id));
  return (
    <Sheet title={user.data?.username ?? t("admin.users.account")} onClose={onClose}>
      {user.isPending && (
        <Loading className="flex flex-col gap-4">
          <Skeleton className="h-14" />
          <Skeleton className="h-32" />
          <Skeleton className="h-32" />
        </Loading>
      )}
      {user.error && <ErrorNotice error={user.error} onRetry={user.refetch} />}
      {user.data && signedIn && (
        <UserDetails
          key={id}
          user={user.data}
          actor={signedIn.user}
          plans={plans}
          onClose={onClose}
        />
      )}
    </Sheet>
  );
}
