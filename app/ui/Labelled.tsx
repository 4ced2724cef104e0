import clsx from "clsx";
import type { ReactNode } from "react";

/** A field with its words above it. */
export function Labelled({ words, className, children }: { words: string; className?: string; children: ReactNode }) {
	return (
		// biome-ignore lint/a11y/noLabelWithoutControl: the control is its child
		<label className={clsx("block", className)}>
			<span className="mb-1 block text-sec font-medium text-t2">{words}</span>
			{children}
		</label>
	);
}
