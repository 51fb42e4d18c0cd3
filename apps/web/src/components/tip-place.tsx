import { lazy, Suspense, useState, useSyncExternalStore } from "react";
import { followTips, readTip } from "./tips.ts";

const TipPopup = lazy(async () => ({ default: (await import("./tip-popup.tsx")).TipPopup }));

/** Where figures are explained; loaded with the first that is. */
export function TipPlace() {
  const tip = useSyncExternalStore(followTips, readTip);
  const [isUsed, setIsUsed] = useState(false);
  if (tip !== undefined && !isUsed) setIsUsed(true);
  if (!isUsed) return null;
  return (
    <Suspense fallback={null}>
      <TipPopup tip={tip} />
    </Suspense>
  );
}
