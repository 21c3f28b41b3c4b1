// biome-ignore-all lint/a11y/noRedundantRoles: On a narrow screen a row is a block with a name
// before each of its cells, and what is not laid out as a table is none to a screen reader any
// more unless its roles are written out.
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

type TableProps = ComponentProps<"table"> & { label: string; columns: string[] };

export function Table({ label, columns, className, children, ...props }: TableProps) {
  return (
    <table
      role="table"
      aria-label={label}
      className={cn("block w-full text-start md:table", className)}
      {...props}
    >
      <thead role="rowgroup" className="sr-only md:not-sr-only md:table-header-group">
        <tr role="row">
          {columns.map((column) => (
            <th
              key={column}
              role="columnheader"
              scope="col"
              className="border-b px-3 py-2 text-start font-[560] text-ink-soft text-xs first:ps-0 last:pe-0"
            >
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="block md:table-row-group">
        {children}
      </tbody>
    </table>
  );
}

export function Row({ className, ...props }: ComponentProps<"tr">) {
  return (
    <tr
      role="row"
      className={cn("block border-b py-3 md:table-row md:py-0", className)}
      {...props}
    />
  );
}

type CellProps = ComponentProps<"td"> & {
  /** What it is, shown before it on a narrow screen. */
  name?: string;
};

export function Cell({ name, className, children, ...props }: CellProps) {
  return (
    <td
      role="cell"
      className={cn(
        "min-w-0 items-baseline gap-3 py-0.5 md:table-cell md:border-b md:px-3 md:py-2.5 md:align-middle md:first:ps-0 md:last:pe-0",
        // Where there is nothing to say, a narrow screen doesn't name it.
        children == null || children === false ? "hidden" : "flex",
        className,
      )}
      {...props}
    >
      {name && (
        <span
          aria-hidden
          className="w-36 shrink-0 font-sans font-normal text-ink-faint text-xs md:hidden"
        >
          {name}
        </span>
      )}
      {children}
    </td>
  );
}
