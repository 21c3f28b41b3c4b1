import type { QueryClient } from "@tanstack/react-query";
import { userQuery, usersKey } from "@/api/queries/admin/users";
import type { User } from "@/api/types";

/** Shows a changed account as the server answered it, and lists anew what may list it. */
export function keepUser(queries: QueryClient, user: User) {
  queries.setQueryData(userQuery(user.id).queryKey, user);
  void queries.invalidateQueries({ queryKey: [...usersKey, "list"] });
  void queries.invalidateQueries({ queryKey: ["admin", "plans"] });
}
