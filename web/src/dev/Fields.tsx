import { useState } from "react";
import { CodeField } from "@/components/ui/CodeField";
import { Field } from "@/components/ui/Field";
import { NewPasswordField } from "@/components/ui/NewPasswordField";
import { PasswordField } from "@/components/ui/PasswordField";
import { Select } from "@/components/ui/Select";
import { StrengthMeter } from "@/components/ui/StrengthMeter";
import { TextArea } from "@/components/ui/TextArea";
import { Show } from "./Show";

const options = [
  { value: "free", label: "Free" },
  { value: "pro", label: "Pro" },
];

/** What is filled in. */
export function Fields() {
  const [password, setPassword] = useState("correct horse");
  return (
    <>
      <Show title="Field">
        <Field label="Empty" placeholder="What it could be" />
        <Field label="With a hint" hint="What it is for" defaultValue="Filled" />
        <Field label="Optional" optional />
        <Field label="With a fault" error="This is taken." defaultValue="ada" />
        <Field label="Locked" disabled defaultValue="Not now" />
      </Show>
      <Show title="PasswordField">
        <PasswordField label="Password" defaultValue="secret" />
      </Show>
      <Show title="NewPasswordField">
        <NewPasswordField
          label="New password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Show>
      <Show title="StrengthMeter">
        {["password", "correct horse", "correct horse battery staple lantern"].map((text) => (
          <StrengthMeter key={text} password={text} />
        ))}
      </Show>
      <Show title="CodeField">
        <CodeField label="Code" />
        <CodeField label="Code with a fault" error="This code is not right." />
      </Show>
      <Show title="TextArea">
        <TextArea label="Text" hint="Several lines" rows={3} />
      </Show>
      <Show title="Select">
        <Select label="Plan" options={options} />
        <Select label="Plan, locked" options={options} disabled />
      </Show>
    </>
  );
}
