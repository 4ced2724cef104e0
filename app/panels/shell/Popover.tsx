import clsx from "clsx";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { preloadPanelForm } from "./panel-form.tsx";

type PopoverProps = {
	/** What the keyboard opens it by; several may bear one name, of which one is visible. */
	opens: string;
	opener: ReactNode;
	name?: string;
	tip?: string;
	openerClass: string;
	panelClass: string;
	className?: string;
	/** Dims the page behind it, as a sheet does. */
	isSheet?: boolean;
	children: (close: () => void) => ReactNode;
};

/**
 * A panel with a form in it: the browser's own <details>. Its content is made anew with each opening and lives until it closes, so
 * that nothing that happens meanwhile touches what is typed or ticked. Without scripts the server's copy is what opens.
 */
export function Popover({ opens, opener, name, tip, openerClass, panelClass, className, isSheet = false, children }: PopoverProps) {
	const details = useRef<HTMLDetailsElement>(null);
	const [isOpen, setIsOpen] = useState(false);

	// Someone may have opened it before the scripts came.
	useEffect(() => setIsOpen(details.current?.open ?? false), []);

	useEffect(() => {
		const menu = details.current;
		if (!isOpen || !menu) return;
		const elsewhere = ({ target }: Event) => {
			if (target instanceof Node && document.contains(target) && !menu.contains(target)) menu.open = false;
		};
		document.addEventListener("pointerdown", elsewhere);
		document.addEventListener("focusin", elsewhere);
		return () => {
			document.removeEventListener("pointerdown", elsewhere);
			document.removeEventListener("focusin", elsewhere);
		};
	}, [isOpen]);

	const close = () => {
		const menu = details.current;
		if (!menu) return;
		const hadFocus = menu.contains(document.activeElement);
		menu.open = false;
		if (hadFocus) menu.querySelector("summary")?.focus();
	};

	return (
		<details
			ref={details}
			data-opens={opens}
			className={clsx("relative", className)}
			onPointerEnter={preloadPanelForm}
			onFocus={preloadPanelForm}
			onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
			onKeyDown={(event) => {
				if (event.key !== "Escape" || !event.currentTarget.open) return;
				// Only this closes, not what lies behind it.
				event.preventDefault();
				event.stopPropagation();
				close();
			}}
		>
			<summary aria-label={name} data-tip={tip} className={openerClass}>
				{opener}
			</summary>
			{isSheet && (
				// biome-ignore lint/a11y/noStaticElementInteractions: pressing beside a sheet closes it; Esc and the button do so for keys
				// biome-ignore lint/a11y/useKeyWithClickEvents: the same
				<div className="fixed inset-0 z-40 bg-scrim" onClick={close} />
			)}
			<div className={clsx("border-line2 bg-s3 shadow-float", panelClass)}>
				{isOpen ? children(close) : <noscript>{children(close)}</noscript>}
			</div>
		</details>
	);
}

/** Open the visible popover of a name, as its shortcut does. @returns whether there was one */
export function openPopover(opens: string): boolean {
	const menu = [...document.querySelectorAll<HTMLDetailsElement>(`details[data-opens="${opens}"]`)].find((each) => each.checkVisibility());
	if (!menu) return false;
	menu.open = true;
	menu.querySelector("summary")?.focus();
	return true;
}
