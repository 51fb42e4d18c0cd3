import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactNode } from "react";

/** What is said of a figure when it is pointed at, or has the focus. */
export interface Explanation {
  readonly children: ReactNode;
  /** A line each. */
  readonly lines: readonly (string | undefined)[];
}

/** Something that says more of itself to the pointer and to the keyboard. */
export function Explained({ children, lines }: Explanation) {
  const said = lines.filter((line) => line !== undefined);
  if (said.length === 0) return children;
  return (
    <Tooltip.Root>
      <Tooltip.Trigger className="explained" aria-label={undefined}>
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6}>
          <Tooltip.Popup className="tip">
            {said.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
