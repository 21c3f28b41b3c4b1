import { Ellipsis, Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { IconButton } from "@/components/ui/IconButton";
import {
  Menu,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
} from "@/components/ui/Menu";
import { Segmented } from "@/components/ui/Segmented";
import { Sheet } from "@/components/ui/Sheet";
import { Tooltip } from "@/components/ui/Tooltip";
import { Row, Show } from "./Show";

const variants = ["primary", "secondary", "ghost", "danger"] as const;

/** What is pressed, and what that opens. */
export function Actions() {
  const [choice, setChoice] = useState("one");
  const [open, setOpen] = useState<"dialog" | "sheet" | null>(null);
  return (
    <>
      <Show title="Button">
        {variants.map((variant) => (
          <Row key={variant}>
            <Button variant={variant} size="sm">
              Small
            </Button>
            <Button variant={variant}>
              <Play aria-hidden /> With a sign
            </Button>
            <Button variant={variant} size="lg">
              Large
            </Button>
            <Button variant={variant} disabled>
              Locked
            </Button>
            <Button variant={variant} pending>
              Under way
            </Button>
          </Row>
        ))}
      </Show>
      <Show title="IconButton">
        <Row>
          <IconButton label="Change">
            <Pencil />
          </IconButton>
          <IconButton label="Change, small" small>
            <Pencil />
          </IconButton>
          <IconButton label="Change, locked" disabled>
            <Pencil />
          </IconButton>
          <IconButton label="Change, pressed" aria-pressed>
            <Pencil />
          </IconButton>
        </Row>
      </Show>
      <Show title="Menu">
        <Row>
          <Menu
            trigger={
              <IconButton label="Open the menu">
                <Ellipsis />
              </IconButton>
            }
          >
            <MenuLabel>A label</MenuLabel>
            <MenuItem>
              <Pencil aria-hidden /> An item
            </MenuItem>
            <MenuItem disabled>
              <Pencil aria-hidden /> A locked item
            </MenuItem>
            <MenuSeparator />
            <MenuRadioGroup value={choice} onValueChange={setChoice}>
              <MenuRadioItem value="one">One</MenuRadioItem>
              <MenuRadioItem value="two">Two</MenuRadioItem>
            </MenuRadioGroup>
            <MenuSeparator />
            <MenuItem danger>
              <Trash2 aria-hidden /> A dangerous item
            </MenuItem>
          </Menu>
        </Row>
      </Show>
      <Show title="Segmented">
        <Segmented
          label="How many"
          value={choice}
          onChange={setChoice}
          options={[
            { value: "one", label: "One" },
            { value: "two", label: "Two" },
          ]}
        />
      </Show>
      <Show title="Tooltip">
        <Row>
          <Tooltip label="What a sign means">
            <Button>Point at this</Button>
          </Tooltip>
        </Row>
      </Show>
      <Show title="Dialog">
        <Row>
          <Button onClick={() => setOpen("dialog")}>Open a dialog</Button>
        </Row>
        <Dialog
          open={open === "dialog"}
          onOpenChange={() => setOpen(null)}
          title="A question"
          description="What it is about, in a sentence."
        >
          <Field label="An answer" />
          <DialogActions>
            <Button onClick={() => setOpen(null)}>Cancel</Button>
            <Button variant="primary" onClick={() => setOpen(null)}>
              Do it
            </Button>
          </DialogActions>
        </Dialog>
      </Show>
      <Show title="Sheet">
        <Row>
          <Button onClick={() => setOpen("sheet")}>Open a sheet</Button>
        </Row>
        {open === "sheet" && (
          <Sheet title="One of a list" onClose={() => setOpen(null)}>
            <p className="p-4">What there is to say about it.</p>
          </Sheet>
        )}
      </Show>
    </>
  );
}
