import { useQuery } from "@tanstack/react-query";
import { signInOptionsQuery } from "@/api/queries/providers";

/** Whether anybody may make an account; true as long as nothing else is known. */
export function useRegistrationOpen(): boolean {
  return useQuery(signInOptionsQuery).data?.registrationOpen ?? true;
}
