import type { ReactNode } from "react";

interface ScrollTableProps {
  /** Classes of what scrolls, and of the table. */
  readonly area?: string;
  readonly table?: string;
  readonly children: ReactNode;
}

/** A table that may be wider, or longer, than its place, and is then scrolled, also by the keyboard. */
export function ScrollTable({ area = "scroll-x", table = "plain-table", children }: ScrollTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by the keyboard.
    <div className={area} tabIndex={0}>
      <table className={table}>{children}</table>
    </div>
  );
}
