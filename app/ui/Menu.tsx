import type { KeyboardEvent, ReactNode, SyntheticEvent } from "react";

function onKeyDown(event: KeyboardEvent<HTMLDetailsElement>): void {
	if (event.key !== "Escape" || !event.currentTarget.open) return;
	// Only the menu closes, not the panel behind it.
	event.preventDefault();
	event.currentTarget.open = false;
	event.currentTarget.querySelector("summary")?.focus();
}

/** While it is open, a press or focus anywhere else closes it. */
function onToggle({ currentTarget: menu }: SyntheticEvent<HTMLDetailsElement>): void {
	if (!menu.open) return;
	const elsewhere = ({ target }: Event) => {
		if (menu.isConnected && menu.open && target instanceof Node && menu.contains(target)) return;
		menu.open = false;
		document.removeEventListener("pointerdown", elsewhere);
		document.removeEventListener("focusin", elsewhere);
	};
	document.addEventListener("pointerdown", elsewhere);
	document.addEventListener("focusin", elsewhere);
}

type MenuProps = {
	/** What opens it: its content, and its name where the content has no words. */
	opener: ReactNode;
	name?: string;
	openerClass: string;
	/** Where the panel stands relative to the opener. */
	panelClass: string;
	children: ReactNode;
};

/** A small panel behind a button: the browser's own <details>, so that it opens without scripts too. */
export function Menu({ opener, name, openerClass, panelClass, children }: MenuProps) {
	return (
		<details className="group relative" onKeyDown={onKeyDown} onToggle={onToggle}>
			<summary aria-label={name} title={name} className={openerClass}>
				{opener}
			</summary>
			<div className={`absolute z-40 rounded-card border border-line2 bg-s3 p-1 shadow-float ${panelClass}`}>{children}</div>
		</details>
	);
}
