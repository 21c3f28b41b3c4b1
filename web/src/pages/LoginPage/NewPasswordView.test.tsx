import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { NewPasswordView } from "./NewPasswordView";

// The frame needs a router and a session; the form is what is looked at here.
vi.mock("@/components/layout/AuthLayout", () => ({
  AuthLayout: ({ children }: React.PropsWithChildren) => children,
}));

function show(error: ApiError | null = null) {
  const onSubmit = vi.fn();
  render(<NewPasswordView username="admin" pending={false} error={error} onSubmit={onSubmit} />);
  return onSubmit;
}

it("asks for a password of the user's own, and says what it is worth", async () => {
  const onSubmit = show();
  const field = screen.getByLabelText("New password");
  await userEvent.type(field, "aaaaaaaaaa");
  const meter = await screen.findByRole("meter", { name: "Strength of the password" });
  await waitFor(() => expect(meter).toHaveAttribute("aria-valuenow", "0"));
  await userEvent.clear(field);
  await userEvent.type(field, "violet kettle over 1937 hills");
  await waitFor(() =>
    expect(screen.getByRole("meter")).toHaveAttribute("aria-valuetext", "Strong"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Save and go on" }));
  await waitFor(() => expect(onSubmit).toHaveBeenCalledWith("violet kettle over 1937 hills"));
});

it("shows a refusal at the field", async () => {
  const fields = { newPassword: "is too common" };
  show(new ApiError({ code: 400, reason: "PASSWORD_TOO_COMMON", message: "Common.", fields }));
  const field = screen.getByLabelText("New password");
  await waitFor(() => expect(field).toHaveAccessibleDescription("is too common"));
  expect(screen.queryByRole("alert")).toBeNull();
});
