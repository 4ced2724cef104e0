import { Link, useNavigate } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import { CloseIcon } from "./icons.tsx";
import { PanelEdge } from "./PanelEdge.tsx";

type SidePanelProps = {
	title: string;
	/** The same page without the panel. */
	closeHref: string;
	/** The page that shows all of it. */
	fullHref?: string;
	fullWord?: string;
	children: ReactNode;
};

/** Details beside the page, which goes on living. Full screen in narrow windows. The address holds it, so Back closes it too. */
export function SidePanel({ title, closeHref, fullHref, fullWord = "Open page", children }: SidePanelProps) {
	const panel = useRef<HTMLElement>(null);
	useFocusVisit(panel);
	useEscape(closeHref);
	return (
		<aside
			ref={panel}
			tabIndex={-1}
			aria-label={title}
			className="side-panel fixed inset-y-0 right-0 z-40 flex flex-col border-line2 bg-s1 shadow-float outline-none min-[900px]:border-l"
		>
			<PanelEdge panel={panel} />
			<header className="flex min-h-13 items-center gap-2 border-b border-line py-1.5 pr-2.5 pl-4">
				<h2 className="min-w-0 flex-1 truncate text-verdict font-semibold">{title}</h2>
				{fullHref !== undefined && (
					<Link
						to={fullHref}
						className="target inline-flex min-h-8 items-center rounded-ctl px-2 text-sec font-medium text-acc hover:bg-s2"
					>
						{fullWord}
					</Link>
				)}
				<Link
					to={closeHref}
					preventScrollReset
					aria-label="Close"
					title="Close"
					className="target grid size-8 place-items-center rounded-ctl text-t2 hover:bg-s2 hover:text-t1"
				>
					<CloseIcon />
				</Link>
			</header>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
			<section tabIndex={0} aria-label={`${title}: details`} className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-4">
				{children}
			</section>
		</aside>
	);
}

/** Takes the focus along into the panel, and brings it back to where it last was outside. */
function useFocusVisit(panel: { current: HTMLElement | null }) {
	const opener = useRef<HTMLElement | null>(null);
	useEffect(() => {
		const remember = (target: unknown) => {
			if (target instanceof HTMLElement && target !== document.body && !panel.current?.contains(target)) opener.current = target;
		};
		const onFocusIn = ({ target }: FocusEvent) => remember(target);
		remember(document.activeElement);
		// A pasted address opens without taking the focus from anyone.
		if (opener.current) panel.current?.focus({ preventScroll: true });
		document.addEventListener("focusin", onFocusIn);
		return () => {
			document.removeEventListener("focusin", onFocusIn);
			// The panel is gone by now, and the focus with it, unless it was elsewhere.
			if (document.activeElement === document.body) opener.current?.focus({ preventScroll: true });
		};
	}, [panel]);
}

function useEscape(closeHref: string) {
	const navigate = useNavigate();
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			// Whatever floats above it, and fields, have their own use for Esc.
			if (event.key !== "Escape" || event.defaultPrevented) return;
			if (event.target instanceof Element && event.target.matches("input, textarea, select, [contenteditable]")) return;
			navigate(closeHref, { preventScrollReset: true });
		};
		document.addEventListener("keydown", onKeyDown);
		return () => document.removeEventListener("keydown", onKeyDown);
	}, [navigate, closeHref]);
}
