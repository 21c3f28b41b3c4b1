import { useMemo } from "react";
import { encode } from "uqr";

/** Modules of light around the code; scanners need them. */
const border = 3;

/** A QR code drawn here; nothing of its text leaves the page. */
export function QRCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => draw(text), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      // Dark on light in both themes: not every scanner reads the reverse.
      className="mx-auto size-[196px] rounded-md border"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** One path for all dark modules, each a square of 1. */
function draw(text: string) {
  const { data, size } = encode(text, { border, ecc: "M" });
  let path = "";
  data.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    });
  });
  return { path, size };
}
