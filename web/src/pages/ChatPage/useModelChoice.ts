import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { defaultModel, modelsQuery } from "@/api/queries/models";
import type { Conversation } from "@/api/types";

const key = "atrium:model";

function lastUsed(): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** The model that will answer: the conversation's, else the last one used, else the default. */
export function useModelChoice(conversation: Conversation | undefined) {
  const { data: models = [] } = useQuery(modelsQuery);
  const [chosen, setChosen] = useState(lastUsed);
  const known = (id: string | undefined) => models.find((model) => model.id === id);
  const model = known(conversation?.model) ?? known(chosen) ?? defaultModel(models);
  const remember = (id: string) => {
    setChosen(id);
    try {
      localStorage.setItem(key, id);
    } catch {
      // Then it is the choice of this page only.
    }
  };
  return { models, model, remember };
}
