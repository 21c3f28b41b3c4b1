import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { ApiToken, User } from "@/api/types";
import { Tokens } from "./Tokens";

const laptop: ApiToken = {
  id: "t-1",
  name: "laptop",
  scopes: ["ai", "chat"],
  createdAt: "2026-01-01T00:00:00Z",
  expiresAt: null,
  lastUsed: null,
};

const sent: { method: string; path: string; body: unknown }[] = [];

/** Puts a platform with these tokens in the place of the real one. */
function platform(tokens: ApiToken[]) {
  vi.stubGlobal("fetch", async (request: Request) => {
    const text = await request.text();
    const path = new URL(request.url).pathname;
    sent.push({ method: request.method, path, body: text && JSON.parse(text) });
    if (request.method === "POST") return Response.json({ token: "atr_secret", apiToken: laptop });
    return Response.json(request.method === "GET" ? { apiTokens: tokens } : {});
  });
}

function show(roles: string[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <Tokens user={{ roles } as User} />
    </QueryClientProvider>,
  );
}

afterEach(() => {
  sent.length = 0;
  vi.unstubAllGlobals();
});

it("makes a token with the scopes chosen and shows it once", async () => {
  platform([]);
  show(["user"]);
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  const create = await screen.findByRole("button", { name: "Create token" });
  expect(screen.queryByLabelText("Administration")).toBeNull();
  await userEvent.click(create);
  expect(await screen.findByText("Choose at least one.")).toBeVisible();
  await userEvent.type(screen.getByLabelText("Name"), "laptop");
  await userEvent.click(screen.getByLabelText("AI models"));
  await userEvent.click(screen.getByRole("radio", { name: "No end" }));
  await userEvent.click(screen.getByRole("button", { name: "Create token" }));
  expect(await screen.findByText("atr_secret")).toBeVisible();
  const made = sent.find((call) => call.method === "POST");
  expect(made).toMatchObject({
    path: "/api/auth/tokens",
    body: { name: "laptop", scopes: ["ai"] },
  });
  expect(made?.body).not.toHaveProperty("expiresAt");
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(screen.queryByText("atr_secret")).toBeNull());
});

it("lists tokens with what they may do, and revokes one", async () => {
  platform([laptop]);
  show(["user"]);
  expect(await screen.findByText(/AI models, Conversations · Never used · no end/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Revoke laptop" }));
  await waitFor(() =>
    expect(sent).toContainEqual({ method: "DELETE", path: "/api/auth/tokens/t-1", body: "" }),
  );
});

it("offers administration to administrators only", async () => {
  platform([]);
  show(["user", "admin"]);
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  expect(await screen.findByLabelText("Administration")).toBeVisible();
});

it("says that a workspace's own token is limited to the workspace", async () => {
  platform([{ ...laptop, name: "Workspace shop", scopes: ["ai", "chat:0199-w"] }]);
  show([]);
  await screen.findByText(/AI models, Conversations of this workspace/);
});
