import { describe, expect, it } from "vitest";
import { message } from "@/test/messages";
import { branch, goesFurtherBack, newestLeaf } from "./tree";

// q1 ─ a1 ─ q2 ─ a2
//    └ a1b ─ q3
const tree = [
  message("q1"),
  message("a1", "q1"),
  message("q2", "a1"),
  message("a2", "q2"),
  message("a1b", "q1"),
  message("q3", "a1b"),
];

const ids = (head: string) => branch(tree, head).map((node) => node.message.id);

describe("branch", () => {
  it("is the path from the root to the head", () => {
    expect(ids("a2")).toEqual(["q1", "a1", "q2", "a2"]);
    expect(ids("q3")).toEqual(["q1", "a1b", "q3"]);
  });

  it("goes on below a head that has been answered since", () => {
    expect(ids("a1")).toEqual(["q1", "a1", "q2", "a2"]);
  });

  it("shows the newest message when the head is unknown", () => {
    expect(ids("gone")).toEqual(["q1", "a1b", "q3"]);
    expect(branch([], "gone")).toEqual([]);
  });

  it("knows each message's place among its siblings", () => {
    const [, answer] = branch(tree, "q3");
    expect(answer?.siblings).toEqual(["a1", "a1b"]);
    expect(answer?.position).toBe(1);
  });

  it("takes an edited first question as a sibling root", () => {
    const roots = [...tree, message("q1-edited")];
    expect(branch(roots, "q1-edited")[0]?.siblings).toEqual(["q1", "q1-edited"]);
  });
});

describe("goesFurtherBack", () => {
  const further = (loaded: typeof tree, head: string) =>
    goesFurtherBack(loaded, branch(loaded, head), head);

  it("knows a branch whose beginning is not loaded", () => {
    expect(further(tree, "a2")).toBe(false);
    expect(further(tree.slice(2), "a2")).toBe(true);
    expect(further([], "")).toBe(false);
  });

  it("knows a head that is not loaded", () => {
    expect(further(tree.slice(4), "a2")).toBe(true);
  });
});

describe("newestLeaf", () => {
  it("follows the newest child down", () => {
    expect(newestLeaf(tree, "q1")).toBe("q3");
    expect(newestLeaf(tree, "a1")).toBe("a2");
    expect(newestLeaf(tree, "q3")).toBe("q3");
  });
});
