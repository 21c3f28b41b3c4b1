import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

const estimator = new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary });

/** Longer texts take too long and are strong anyway. */
const longest = 64;

/** From 0 (guessed at once) to 4 (strong). */
export type Score = 0 | 1 | 2 | 3 | 4;

export function strength(password: string): Score {
  return estimator.check(password.slice(0, longest)).score;
}
