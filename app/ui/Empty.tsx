import type { ComponentType, ReactNode } from "react";
import type { IconProps } from "./icons.tsx";

/** A panel with nothing in it: why, and what to do about it. Quiet, no picture. */
export function Empty({ title, Icon, children }: { title: string; Icon?: ComponentType<IconProps>; children?: ReactNode }) {
	return (
		<div className="px-3.5 py-6">
			<p className="flex items-center gap-2 text-body font-semibold">
				{Icon && <Icon className="size-4.5 text-idle" />}
				{title}
			</p>
			{children !== undefined && <div className="mt-1 flex flex-col items-start gap-3 text-body text-t2">{children}</div>}
		</div>
	);
}
