import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";

/** All icons are decoration: the word stands beside them, or names the button they fill. */
export type IconProps = { className?: string };

/** An icon of ours from a drawing of Lucide's. `always` are its classes whatever the caller adds. */
export function iconOf(Drawing: LucideIcon, always = "shrink-0"): ComponentType<IconProps> {
	return ({ className = "size-4" }) => <Drawing aria-hidden="true" className={`${always} ${className}`} />;
}
