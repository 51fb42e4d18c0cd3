import { Tooltip } from "@base-ui/react/tooltip";
import { useEffect } from "react";
import { hideTipSoon, keepTip, showTip, type Tip } from "./tips.ts";

const id = "tip";

/** What is said of a figure, beside it. The pointer may go there, and Escape closes it. */
export function TipPopup({ tip }: { readonly tip: Tip | undefined }) {
  useEffect(() => {
    if (tip === undefined) return;
    tip.element.setAttribute("aria-describedby", id);
    return () => tip.element.removeAttribute("aria-describedby");
  }, [tip]);
  return (
    <Tooltip.Root open={tip !== undefined} onOpenChange={(isOpen) => isOpen || showTip(undefined)}>
      <Tooltip.Portal>
        <Tooltip.Positioner className="tip-place" anchor={tip?.element ?? null} sideOffset={6}>
          <Tooltip.Popup
            id={id}
            role="tooltip"
            className="tip"
            onPointerEnter={keepTip}
            onPointerLeave={hideTipSoon}
          >
            {tip?.lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
