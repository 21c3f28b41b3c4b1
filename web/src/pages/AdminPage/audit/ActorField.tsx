import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useState } from "react";
import { userMatchesQuery, userQuery } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

type Props = { userId?: string; onChange: (userId: string | undefined) => void };

/** Whose entries: a name with suggestions, or the id of an account that is gone. */
export function ActorField({ userId, onChange }: Props) {
  const chosen = useQuery({ ...userQuery(userId ?? ""), enabled: Boolean(userId), retry: false });
  const shown = userId ? (chosen.data?.username ?? (chosen.isPending ? "" : userId)) : "";
  return <ActorInput key={shown} shown={shown} onChange={onChange} />;
}

type InputProps = {
  shown: string;
  onChange: (userId: string | undefined) => void;
};

function ActorInput({ shown, onChange }: InputProps) {
  const { t } = useTranslation();
  const list = useId();
  const [text, setText] = useState(shown);
  const [unknown, setUnknown] = useState(false);
  const typed = useDeferredValue(text.trim());
  const matches = useQuery(userMatchesQuery(typed === shown ? "" : typed));
  const users = matches.data ?? [];
  const named = (name: string) =>
    users.find(({ username, email }: User) => [username, email].includes(name));
  const commit = (value: string) => {
    const name = value.trim();
    if (name === shown) return;
    const id = name === "" ? undefined : uuid.test(name) ? name.toLowerCase() : named(name)?.id;
    setUnknown(name !== "" && !id);
    if (name === "" || id) onChange(id);
  };
  return (
    <>
      <Field
        label={t("admin.audit.actor")}
        placeholder={t("admin.audit.actorHint")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        list={list}
        className="col-span-2 md:col-span-1"
        value={text}
        error={unknown ? t("admin.audit.actorUnknown") : undefined}
        onChange={(event) => {
          const { value } = event.target;
          setText(value);
          setUnknown(false);
          // A whole name of the list was chosen, or typed.
          if (value === "" || named(value)) commit(value);
        }}
        onBlur={() => commit(text)}
        onKeyDown={(event) => event.key === "Enter" && commit(text)}
      />
      <datalist id={list}>
        {users.map((user) => (
          <option key={user.id} value={user.username}>
            {user.email}
          </option>
        ))}
      </datalist>
    </>
  );
}
