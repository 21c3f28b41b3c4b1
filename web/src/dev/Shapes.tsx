import { Badge } from "@/components/ui/Badge";
import { Meter } from "@/components/ui/Meter";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { Cell, Row as Line, Table } from "@/components/ui/Table";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { Row, Show } from "./Show";

/** What shows a state or many of a kind. */
export function Shapes() {
  return (
    <>
      <Show title="Badge">
        <Row>
          {(["neutral", "accent", "ok", "warning", "bad"] as const).map((kind) => (
            <Badge key={kind} kind={kind}>
              {kind}
            </Badge>
          ))}
        </Row>
        <Row>
          {(["stopped", "starting", "running", "stopping", "error"] as const).map((status) => (
            <StatusBadge key={status} status={status} />
          ))}
        </Row>
      </Show>
      <Show title="Meter">
        {[0, 40, 85, 100].map((value) => (
          <Meter key={value} label={`${value} percent used`} value={value} limit={100} />
        ))}
      </Show>
      <Show title="Skeleton">
        <Loading className="flex flex-col gap-3">
          <Skeleton className="h-5 w-1/2" />
          <Skeleton className="h-4 w-full" />
        </Loading>
      </Show>
      <Show title="Table">
        <Table label="Users" columns={["Name", "Plan"]}>
          <Line>
            <Cell name="Name">ada</Cell>
            <Cell name="Plan">Free</Cell>
          </Line>
          <Line>
            <Cell name="Name">grace</Cell>
            <Cell name="Plan">Pro</Cell>
          </Line>
        </Table>
      </Show>
    </>
  );
}
