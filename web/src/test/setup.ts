import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import "@/i18n/admin";
import "@/i18n/chat";
import "@/i18n/search";
import "@/i18n/settings";

afterEach(cleanup);
