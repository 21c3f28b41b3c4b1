import { expect, it } from "vitest";
import { bytesOf, coresOf } from "./gauges";

it("says what is used, against a limit where there is one", () => {
  expect(coresOf({ used: "250", limit: "500" })).toBe("0.25 / 0.5");
  expect(coresOf({ used: "1234", limit: "-1" })).toBe("1.23");
  expect(bytesOf({ used: "75497472", limit: "1073741824" })).toBe("72 MB / 1 GB");
  expect(bytesOf({ used: "0", limit: "-1" })).toBe("0 bytes");
});
