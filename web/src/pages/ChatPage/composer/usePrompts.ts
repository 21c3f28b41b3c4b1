import { useCallback, useRef, useState } from "react";
import type { PickerHandle } from "./PromptPicker";

/** Just a "/" and the beginning of a title: that asks for the list of prompts. */
const slash = /^\/(\S{0,40})$/;

/** When the prompts are shown while something is typed, and what choosing one does to the text. */
export function usePrompts(text: string, setText: (text: string) => void) {
  const picker = useRef<PickerHandle>(null);
  const [active, setActive] = useState<string>();
  const [managing, setManaging] = useState(false);
  /** The text for which the list was closed, or opened by its button. */
  const [closed, setClosed] = useState<string>();
  const [asked, setAsked] = useState(false);
  const typed = slash.exec(text)?.[1];
  const open = asked || (typed !== undefined && closed !== text);
  const close = useCallback(() => {
    setAsked(false);
    setClosed(text);
  }, [text]);
  return {
    picker,
    open,
    filter: typed ?? "",
    active,
    setActive,
    managing,
    setManaging,
    toggle: () => (open ? close() : setAsked(true)),
    close,
    pick: (content: string) => {
      setAsked(false);
      setText(typed !== undefined || text === "" ? content : `${text}\n${content}`);
    },
  };
}
