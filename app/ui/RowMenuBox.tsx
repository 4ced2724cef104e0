import * as Radix from "@radix-ui/react-dropdown-menu";
import { Link } from "@remix-run/react";
import type { ReactNode, RefObject } from "react";
import { LeavesIcon } from "./icons.tsx";
import type { RowMenuItem } from "./RowMenu.tsx";

type BoxProps = { name: string; items: RowMenuItem[]; button: RefObject<HTMLButtonElement>; onClose: () => void };

/** The open list of a row's menu, on Radix: arrow keys, first letters, Esc, and it stays inside the window. */
export default function RowMenuBox({ name, items, button, onClose }: BoxProps) {
	return (
		// Not modal: the page behind goes on living, and nothing locks its scrolling.
		<Radix.Root open modal={false} onOpenChange={(open) => open || onClose()}>
			{/* Only the place to stand at. The button outside stays the same element before and after loading, so it keeps the focus. */}
			<Radix.Trigger asChild>
				<span aria-hidden="true" tabIndex={-1} className="pointer-events-none absolute inset-0" />
			</Radix.Trigger>
			{/* Within the page's main part: what floats belongs to a landmark too. */}
			<Radix.Portal container={document.getElementById("main")}>
				<Radix.Content
					align="end"
					sideOffset={4}
					collisionPadding={8}
					aria-labelledby={undefined}
					aria-label={name}
					onCloseAutoFocus={(event) => {
						event.preventDefault();
						button.current?.focus();
					}}
					onInteractOutside={(event) => {
						// The button itself closes on its click.
						if (event.target instanceof Node && button.current?.contains(event.target)) event.preventDefault();
					}}
					className="fade-in z-50 min-w-44 max-w-72 rounded-card border border-line2 bg-s3 p-1 shadow-float"
				>
					{items.map((item) => (
						<Item key={item.label} item={item} />
					))}
				</Radix.Content>
			</Radix.Portal>
		</Radix.Root>
	);
}

const ITEM =
	"target flex min-h-8 cursor-pointer items-center gap-2.5 rounded-ctl px-2.5 py-1 text-body outline-none data-highlighted:bg-s2 aria-disabled:cursor-not-allowed aria-disabled:text-t3";

function Item({ item }: { item: RowMenuItem }) {
	const { Icon, label, href, onSelect, danger = false, disabled = false, why } = item;
	const content = (
		<>
			{Icon && <Icon />}
			<span className="min-w-0">
				{label}
				{disabled && why !== undefined && <span className="block text-sec text-t3">{why}</span>}
			</span>
		</>
	);
	const className = `${ITEM} ${danger ? "text-bad" : "text-t1"}`;
	if (disabled) {
		// Not Radix's own "disabled", which the arrow keys skip: whoever cannot use it shall still find out why.
		return (
			<Radix.Item aria-disabled="true" onSelect={(event) => event.preventDefault()} className={className}>
				{content}
			</Radix.Item>
		);
	}
	return (
		<Radix.Item asChild={href !== undefined} onSelect={onSelect} className={className}>
			{href === undefined ? content : linkTo(href, content)}
		</Radix.Item>
	);
}

/** An element and not a component of its own: Radix needs a ref to the link itself. */
function linkTo(href: string, content: ReactNode) {
	if (/^(\/(?!\/)|\?|#)/.test(href)) {
		return (
			<Link to={href} preventScrollReset>
				{content}
			</Link>
		);
	}
	return (
		<a href={href} target="_blank" rel="noreferrer">
			{content}
			<LeavesIcon className="ml-auto size-3.5 text-t3" />
		</a>
	);
}
