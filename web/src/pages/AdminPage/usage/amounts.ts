/** The contract's figures of what was typed, or what is wrong with it. */
export type Amounts = { inputTokens?: string; costUsd?: number } | "invalid" | "none";

/** Reads what a correction adds: whole tokens and dollars, below 0 to give back. */
export function amountsOf(tokens: string, dollars: string): Amounts {
  const count = tokens.trim();
  const money = dollars.trim();
  if (count !== "" && !/^-?\d{1,13}$/.test(count)) return "invalid";
  if (money !== "" && !/^-?\d{1,7}(\.\d{1,6})?$/.test(money)) return "invalid";
  const amounts = {
    inputTokens: count === "" ? "0" : String(Number(count)),
    costUsd: Number(money),
  };
  return amounts.inputTokens === "0" && amounts.costUsd === 0 ? "none" : amounts;
}
