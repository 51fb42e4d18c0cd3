import { type RefObject, useEffect, useRef, useState } from "react";

/** How wide an element is, and what tells it; 0 before it is there. */
export function useWidth<TElement extends Element>(): readonly [RefObject<TElement | null>, number] {
  const element = useRef<TElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
