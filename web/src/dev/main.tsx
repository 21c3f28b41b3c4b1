import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/i18n";
import "@/i18n/admin";
import "@/i18n/chat";
import "@/i18n/settings";
import "@/theme/global.css";
import { Toaster } from "@/components/ui/Toaster";
import { Tooltips } from "@/components/ui/Tooltips";
import { watchTheme } from "@/theme/theme";
import { Components } from "./Components";

watchTheme();

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Components />
    <Toaster />
    <Tooltips />
  </StrictMode>,
);
