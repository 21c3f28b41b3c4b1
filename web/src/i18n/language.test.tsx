import { act, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import i18n from ".";
import { currentLanguage, setLanguageChoice } from "./language";
import { useTranslation } from "./useTranslation";

function Word() {
  const { t } = useTranslation();
  return <p>{t("settings.sections.password")}</p>;
}

it("shows a page in the language that is chosen, also texts that came before", async () => {
  render(<Word />);
  expect(screen.getByText("Password")).toBeVisible();
  await act(async () => {
    setLanguageChoice("de");
    await vi.waitFor(() => expect(document.documentElement.lang).toBe("de"));
  });
  expect(screen.getByText("Passwort")).toBeVisible();
  expect(localStorage.getItem("atrium:language")).toBe("de");
  expect(i18n.language).toBe("de");
  await act(async () => {
    setLanguageChoice("system");
    await vi.waitFor(() => expect(document.documentElement.lang).toBe("en"));
  });
  expect(screen.getByText("Password")).toBeVisible();
});

it("takes the first language of the browser's that there is", () => {
  const languages = vi.spyOn(navigator, "languages", "get");
  languages.mockReturnValue(["fr-FR", "de-AT", "en"]);
  expect(currentLanguage()).toBe("de");
  languages.mockReturnValue(["fr-FR"]);
  expect(currentLanguage()).toBe("en");
});
