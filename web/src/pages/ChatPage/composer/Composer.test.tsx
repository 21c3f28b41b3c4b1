import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { PropsWithChildren } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { uploadAttachment } from "@/api/queries/attachments";
import { Composer } from "./Composer";

vi.mock("@/api/queries/attachments");

const onSend = vi.fn();
const onStop = vi.fn();

function Page({ children }: PropsWithChildren) {
  return <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
}

function show(props: Partial<Parameters<typeof Composer>[0]> = {}) {
  return render(<Composer draftId="d" onSend={onSend} onStop={onStop} {...props} />, {
    wrapper: Page,
  });
}

const box = () => screen.getByRole("textbox", { name: "Message" });

beforeEach(() => {
  localStorage.clear();
  onSend.mockReset();
  onStop.mockReset();
});

it("sends with Enter and breaks the line with Shift+Enter", async () => {
  show();
  await userEvent.type(box(), "one{Shift>}{Enter}{/Shift}two{Enter}");
  expect(onSend).toHaveBeenCalledExactlyOnceWith("one\ntwo", []);
  expect(box()).toHaveValue("");
});

it("does not send the Enter that ends an input method's word", () => {
  show();
  fireEvent.change(box(), { target: { value: "にほん" } });
  fireEvent.keyDown(box(), { key: "Enter", isComposing: true });
  fireEvent.keyDown(box(), { key: "Enter", keyCode: 229 });
  expect(onSend).not.toHaveBeenCalled();
});

it("sends nothing empty, and nothing while an answer is written", async () => {
  const { rerender } = show();
  await userEvent.type(box(), "   {Enter}");
  rerender(<Composer draftId="d" phase="streaming" onSend={onSend} onStop={onStop} />);
  await userEvent.type(box(), "next{Enter}");
  expect(onSend).not.toHaveBeenCalled();
});

it("turns Send into Stop", async () => {
  show({ phase: "streaming" });
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(onStop).toHaveBeenCalledOnce();
  expect(screen.queryByRole("button", { name: "Send" })).toBeNull();
});

it("keeps a draft per conversation over a reload", async () => {
  const { unmount } = show({ draftId: "one" });
  await userEvent.type(box(), "half a thought");
  unmount();
  const { rerender } = show({ draftId: "one" });
  expect(box()).toHaveValue("half a thought");
  rerender(<Composer draftId="two" onSend={onSend} onStop={onStop} />);
  expect(box()).toHaveValue("");
});

it("edits the last question with arrow up, when empty", async () => {
  const onEditLast = vi.fn();
  show({ onEditLast });
  await userEvent.type(box(), "{ArrowUp}");
  expect(onEditLast).toHaveBeenCalledOnce();
  await userEvent.type(box(), "text{ArrowUp}");
  expect(onEditLast).toHaveBeenCalledOnce();
});

describe("files", () => {
  const notes = new File(["notes"], "notes.txt", { type: "text/plain" });
  const stored = { id: "f1", name: "notes.txt", size: 5, kind: "text" };
  const choose = (files: File[]) =>
    fireEvent.change(screen.getByTestId("attach"), { target: { files } });

  it("go with the message once they are at the server", async () => {
    let arrive: (value: never) => void = () => undefined;
    vi.mocked(uploadAttachment).mockReturnValue(new Promise((resolve) => (arrive = resolve)));
    show();
    await userEvent.type(box(), "read this");
    choose([notes]);
    expect(screen.getByRole("button", { name: "Send" })).toHaveAttribute("aria-disabled");
    arrive(stored as never);
    await screen.findByText("5 bytes");
    await userEvent.type(box(), "{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("read this", [stored]);
    expect(screen.queryByText("notes.txt")).toBeNull();
  });

  it("are pasted like text", async () => {
    vi.mocked(uploadAttachment).mockResolvedValue(stored as never);
    show();
    fireEvent.paste(box(), { clipboardData: { files: [notes] } });
    await screen.findByText("notes.txt");
  });

  it("that are too many or too large are refused with a reason, and nothing is sent", async () => {
    vi.mocked(uploadAttachment).mockResolvedValue(stored as never);
    show();
    const large = new File([new Uint8Array(11 * 1024 * 1024)], "large.bin");
    choose([large, ...Array.from({ length: 10 }, () => notes)]);
    const refusals = await screen.findAllByRole("alert");
    expect(refusals.map((one) => one.textContent)).toEqual([
      expect.stringContaining("larger than the 10 MB"),
      "A message can have 10 files at most.",
    ]);
    await userEvent.type(box(), "look{Enter}");
    expect(onSend).not.toHaveBeenCalled();
  });
});

describe("prompts", () => {
  const prompts = [
    { id: "1", title: "review", content: "Review this code:" },
    { id: "2", title: "rewrite", content: "Rewrite this text:" },
  ];

  beforeEach(() => {
    vi.stubGlobal("fetch", vi.fn<typeof fetch>().mockResolvedValue(Response.json({ prompts })));
  });

  it("are chosen by keyboard after a slash", async () => {
    show();
    await userEvent.type(box(), "/re");
    expect(await screen.findAllByRole("option")).toHaveLength(2);
    await userEvent.type(box(), "{ArrowDown}{Enter}");
    expect(box()).toHaveValue("Rewrite this text:");
    expect(onSend).not.toHaveBeenCalled();
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("leave a slash to those who mean one", async () => {
    show();
    await userEvent.type(box(), "/rev");
    await screen.findByRole("option", { name: /review/ });
    await userEvent.type(box(), "{Escape}{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("/rev", []);
  });
});
