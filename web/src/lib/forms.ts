import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { asApiError } from "@/api/errors";
import { problemText } from "./errorText";

/**
 * Shows a refused form where it belongs: what the server said about a field at
 * that field. Answers true when everything it said has found its place.
 */
export function showFieldErrors<T extends FieldValues>(
  form: UseFormReturn<T>,
  names: readonly Path<T>[],
  error: unknown,
): boolean {
  const fields = Object.entries(asApiError(error).fields);
  const known = fields.filter(([name]) => names.includes(name as Path<T>));
  for (const [name, problem] of known) {
    form.setError(name as Path<T>, { message: problemText(problem) });
  }
  const first = known[0];
  if (first) form.setFocus(first[0] as Path<T>);
  return known.length > 0 && known.length === fields.length;
}
