import { type ChangeEvent, type KeyboardEvent, useState } from "react";

/** A field whose text counts once it is left, chosen from its list, or Enter is pressed. */
export function useCommitted(given: string, onCommit: (text: string) => void) {
  const [text, setText] = useState(given);
  const [known, setKnown] = useState(given);
  if (known !== given) {
    setKnown(given);
    setText(given);
  }
  const commit = (value: string) => value.trim() !== given && onCommit(value.trim());
  return {
    value: text,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      setText(event.target.value);
      // A choice from the list, or the cross that empties the field, is no typing.
      const { inputType } = event.nativeEvent as InputEvent;
      if (inputType === undefined || inputType === "insertReplacementText") {
        commit(event.target.value);
      }
    },
    onBlur: () => commit(text),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") commit(text);
    },
  };
}
