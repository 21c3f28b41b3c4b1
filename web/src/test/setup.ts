import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import "@/i18n/admin";
import "@/i18n/chat";
import "@/i18n/search";
import "@/i18n/settings";

afterEach(cleanup);

// KaTeX draws in standards mode only, which happy-dom doesn't tell of.
Object.defineProperty(document, "compatMode", { value: "CSS1Compat" });
