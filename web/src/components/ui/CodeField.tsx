import { Field, type FieldProps } from "./Field";

/** A field for the six digits of an authenticator. */
export function CodeField(props: FieldProps) {
  return (
    <Field
      inputMode="numeric"
      autoComplete="one-time-code"
      placeholder="000000"
      maxLength={7}
      inputClassName="text-center font-mono text-xl tracking-[0.3em]"
      {...props}
    />
  );
}

/** A code as it is sent, however it was grouped. */
export function plainCode(text: string): string {
  return text.replace(/[\s-]/g, "");
}

/** True for six digits, which authenticators show as two groups. */
export function isCode(text: string): boolean {
  return /^\d{6}$/.test(plainCode(text));
}
