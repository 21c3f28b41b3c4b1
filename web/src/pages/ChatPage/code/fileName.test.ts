import { expect, it } from "vitest";
import { isBadPath, suggestName } from "./fileName";

const name = (language: string, code = "") => suggestName({ code, language });

it("takes the name that the code gives itself", () => {
  expect(name("go", "// cmd/server/main.go\npackage main")).toBe("cmd/server/main.go");
  expect(name("python", "# file: app.py\nimport os")).toBe("app.py");
  expect(name("sh", "# ../../etc/cron.d/x.sh\n")).toBe("snippet.sh");
});

it("ends a name as the language's files end", () => {
  expect(name("python")).toBe("snippet.py");
  expect(name("Dockerfile")).toBe("Dockerfile");
  expect(name("zig")).toBe("snippet.zig");
  expect(name("")).toBe("snippet.txt");
});

it("knows paths that lead nowhere in a workspace", () => {
  for (const path of ["", "/etc/passwd", "a//b", "../x", "a/../../x", "dir/"])
    expect(isBadPath(path)).toBe(true);
  for (const path of ["a.txt", "src/a.go", "..a/b"]) expect(isBadPath(path)).toBe(false);
});
