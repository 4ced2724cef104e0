import clsx from "clsx";
import type { ReactNode } from "react";

/** A grey block in the exact size of what is on its way. It breathes, unless motion is unwelcome. */
export function Skeleton({ className }: { className: string }) {
	return <div aria-hidden="true" className={clsx("skeleton rounded-badge bg-s2", className)} />;
}

/** Shows its content after 200 ms: what is there sooner needs no placeholder. */
export function SkeletonAfter({ children }: { children: ReactNode }) {
	return <div className="appear-late">{children}</div>;
}
