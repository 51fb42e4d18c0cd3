import type { FocusEvent, PointerEvent, ReactNode } from "react";
import { hideTipSoon, showTip, showTipSoon } from "./tips.ts";

/** What is said of a figure when it is pointed at, or has the focus. */
export interface Explanation {
  readonly children: ReactNode;
  /** A line each. */
  readonly lines: readonly (string | undefined)[];
}

/** Something that says more of itself to the pointer and to the keyboard. One place on the page says it for all of them: a table has hundreds. */
export function Explained({ children, lines }: Explanation) {
  const said = lines.filter((line) => line !== undefined);
  if (said.length === 0) return children;
  return (
    <button
      type="button"
      className="explained"
      onPointerEnter={({ currentTarget, pointerType }: PointerEvent<HTMLElement>) => {
        if (pointerType !== "touch") showTipSoon({ element: currentTarget, lines: said });
      }}
      onPointerLeave={hideTipSoon}
      onFocus={({ currentTarget }: FocusEvent<HTMLElement>) =>
        showTip({ element: currentTarget, lines: said })
      }
      onBlur={() => showTip(undefined)}
    >
      {children}
    </button>
  );
}
