import clsx from "clsx";
import type { ReactNode } from "react";

/** One exhibit under its name. `span` is how many of the three columns it takes on a wide window. */
export function Part({ name, span = 1, children }: { name: string; span?: 1 | 2 | 3; children: ReactNode }) {
	return (
		<div className={clsx("min-w-0", span === 2 && "xl:col-span-2", span === 3 && "md:col-span-2 xl:col-span-3")}>
			<h2 className="mb-1.5 text-sec font-medium text-t2">{name}</h2>
			{children}
		</div>
	);
}

/** A bare surface for parts that bring none. */
export function Surface({ children }: { children: ReactNode }) {
	return <div className="flex flex-wrap items-center gap-2.5 rounded-card border border-line bg-s1 p-3.5">{children}</div>;
}
