import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/i18n";
import "@/theme/global.css";
import { Toaster } from "@/components/ui/Toaster";
import { Tooltips } from "@/components/ui/Tooltips";
import { markStyles } from "@/lib/nonce";
import { keepShell } from "@/lib/serviceWorker";
import { createQueryClient } from "@/queryClient";
import { createAppRouter } from "@/router";
import { endedSession, followSession } from "@/session";
import { watchTheme } from "@/theme/theme";
import { TurnManager } from "@/turns/TurnManager";
import { TurnsProvider } from "@/turns/TurnsProvider";

markStyles();
watchTheme();

const queries = createQueryClient();
const router = createAppRouter(queries);
const turns = new TurnManager(queries);
endedSession(queries, router, turns);
followSession(queries, turns);
keepShell(queries);

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <TurnsProvider turns={turns}>
        <RouterProvider router={router} />
        <Toaster />
        <Tooltips />
      </TurnsProvider>
    </QueryClientProvider>
  </StrictMode>,
);
