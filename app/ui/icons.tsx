import type { ReactNode } from "react";

/** The few icons this product needs, drawn on a 24-px grid with a 2-px line. All are decoration: the word stands beside them. */
export type IconProps = { className?: string };

function Drawing({ className = "size-4", children }: IconProps & { children: ReactNode }) {
	return (
		<svg
			aria-hidden="true"
			focusable="false"
			viewBox="0 0 24 24"
			fill="none"
			stroke="currentColor"
			strokeWidth="2"
			strokeLinecap="round"
			strokeLinejoin="round"
			className={`shrink-0 ${className}`}
		>
			{children}
		</svg>
	);
}

/** Ring with a tick: passed, healthy. */
export function RingTickIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<circle cx="12" cy="12" r="9" />
			<path d="m8.5 12.2 2.4 2.4 4.6-4.9" />
		</Drawing>
	);
}

/** Filled stop sign with a cross: failed, critical. The cross is cut out, so it reads in one colour. */
export function StopIcon({ className = "size-4" }: IconProps) {
	return (
		<svg aria-hidden="true" focusable="false" viewBox="0 0 24 24" className={`shrink-0 ${className}`}>
			<path
				fill="currentColor"
				fillRule="evenodd"
				d="M8.1 2h7.8L22 8.1v7.8L15.9 22H8.1L2 15.9V8.1L8.1 2Zm.9 5.6L7.6 9l3 3-3 3L9 16.4l3-3 3 3 1.4-1.4-3-3 3-3L15 7.6l-3 3-3-3Z"
			/>
		</svg>
	);
}

/** Triangle with a mark: warning, degraded, reconnecting. */
export function TriangleIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M12 3.5 2.5 20h19L12 3.5Z" />
			<path d="M12 10v4.5M12 17.3v.1" />
		</Drawing>
	);
}

/** Spokes: running. They turn, unless motion is unwelcome. */
export function SpokesIcon({ className = "size-4" }: IconProps) {
	return (
		<Drawing className={`spokes ${className}`}>
			<path d="M12 2.5v4M12 17.5v4M2.5 12h4M17.5 12h4M5.3 5.3l2.8 2.8M15.9 15.9l2.8 2.8M5.3 18.7l2.8-2.8M15.9 8.1l2.8-2.8" />
		</Drawing>
	);
}

/** Dashed ring: queued, unknown, stale. */
export function DashedRingIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<circle cx="12" cy="12" r="9" strokeDasharray="3.6 3.45" />
		</Drawing>
	);
}

/** Ring with a bar: cancelled, skipped. */
export function BanIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<circle cx="12" cy="12" r="9" />
			<path d="m5.8 5.8 12.4 12.4" />
		</Drawing>
	);
}

/** Four tiles: the overview. */
export function OverviewIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<rect x="3.5" y="3.5" width="7" height="9" rx="1.5" />
			<rect x="13.5" y="3.5" width="7" height="5" rx="1.5" />
			<rect x="13.5" y="11.5" width="7" height="9" rx="1.5" />
			<rect x="3.5" y="15.5" width="7" height="5" rx="1.5" />
		</Drawing>
	);
}

/** Arrow up: new rows wait above. */
export function ArrowUpIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M12 19.5v-15M5.5 11 12 4.5l6.5 6.5" />
		</Drawing>
	);
}

/** Arrow out of a box: leaves this site. */
export function LeavesIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5" />
		</Drawing>
	);
}

/** Two small angles: a list opens. */
export function ChooseIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="m8 9.5 4-4 4 4M8 14.5l4 4 4-4" />
		</Drawing>
	);
}

/** Tick: chosen. */
export function TickIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="m5 12.5 4.5 4.5L19 7" />
		</Drawing>
	);
}

/** Moon: dark. */
export function MoonIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M20 14.3A8.2 8.2 0 0 1 9.7 4a8.2 8.2 0 1 0 10.3 10.3Z" />
		</Drawing>
	);
}

/** Sun: light. */
export function SunIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<circle cx="12" cy="12" r="4" />
			<path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
		</Drawing>
	);
}

/** Screen: as the system has it. */
export function ScreenIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<rect x="3" y="4" width="18" height="12.5" rx="1.5" />
			<path d="M9 20.5h6M12 16.5v4" />
		</Drawing>
	);
}

/** Three dots in a row: more. */
export function MoreIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />
		</Drawing>
	);
}

/** Door with an arrow: sign out. */
export function SignOutIcon(props: IconProps) {
	return (
		<Drawing {...props}>
			<path d="M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10.5 12H21M17.5 8.5 21 12l-3.5 3.5" />
		</Drawing>
	);
}

/** The product's mark: a pulse on a filled tile. */
export function MarkIcon({ className = "size-5" }: IconProps) {
	return (
		<svg aria-hidden="true" focusable="false" viewBox="0 0 32 32" className={`shrink-0 ${className}`}>
			<rect width="32" height="32" rx="8" className="fill-acc-fill" />
			<path
				d="M6 17h4.5l3-8 5 14 3-6H26"
				fill="none"
				className="stroke-white"
				strokeWidth="2.6"
				strokeLinecap="round"
				strokeLinejoin="round"
			/>
		</svg>
	);
}
