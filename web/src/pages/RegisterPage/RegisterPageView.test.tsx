import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { RegisterPageView } from "./RegisterPageView";

// The frame needs a router and a session; the form is what is looked at here.
vi.mock("@/components/layout/AuthLayout", () => ({
  AuthLayout: ({ children }: React.PropsWithChildren) => children,
}));

const onSubmit = vi.fn();

function show(error: ApiError | null = null) {
  return render(<RegisterPageView pending={false} error={error} onSubmit={onSubmit} />);
}

beforeEach(() => onSubmit.mockReset());

it("tells mistakes at their fields before anything is sent", async () => {
  show();
  await userEvent.type(screen.getByLabelText("E-mail"), "nobody");
  await userEvent.type(screen.getByLabelText("Password"), "short");
  await userEvent.click(screen.getByRole("button", { name: "Create account" }));
  await waitFor(() => expect(screen.getByLabelText("E-mail")).toBeInvalid());
  expect(screen.getByLabelText("Password")).toHaveAccessibleDescription(/at least 10/);
  expect(onSubmit).not.toHaveBeenCalled();
});

it("shows what the server says about a field at that field", async () => {
  const fields = { username: "This username is taken." };
  show(new ApiError({ code: 409, reason: "USERNAME_TAKEN", message: "Taken.", fields }));
  const username = screen.getByLabelText("Username");
  await waitFor(() => expect(username).toHaveAccessibleDescription("This username is taken."));
  expect(screen.queryByRole("alert")).toBeNull();
});

it("shows what belongs to no field above the form, with the request's id", () => {
  show(new ApiError({ code: 503, reason: "DOWN", message: "Try later.", requestId: "r-1" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Try later.");
  expect(screen.getByRole("alert")).toHaveTextContent("r-1");
});
