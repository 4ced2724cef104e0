import { type ComponentType, lazy, Suspense, useRef, useState } from "react";
import { IconButton } from "./Button.tsx";
import { type IconProps, MoreIcon } from "./icons.tsx";

const loadBox = () => import("./RowMenuBox.tsx");
const RowMenuBox = lazy(loadBox);

/** One thing to do with a row: a link, or an act. `why` says what a disabled one needs. */
export type RowMenuItem = {
	label: string;
	Icon?: ComponentType<IconProps>;
	href?: string;
	onSelect?: () => void;
	danger?: boolean;
	disabled?: boolean;
	why?: string;
};

/** The `⋯` of a row. What draws its list is loaded when someone comes near it. */
export function RowMenu({ name, items }: { name: string; items: RowMenuItem[] }) {
	const [isOpen, setIsOpen] = useState(false);
	const button = useRef<HTMLButtonElement>(null);
	return (
		<span className="needs-script relative inline-grid">
			<IconButton
				ref={button}
				name={name}
				aria-haspopup="menu"
				aria-expanded={isOpen}
				onPointerEnter={loadBox}
				onFocus={loadBox}
				onClick={() => setIsOpen(!isOpen)}
				onKeyDown={(event) => {
					if (event.key !== "ArrowDown") return;
					event.preventDefault();
					setIsOpen(true);
				}}
			>
				<MoreIcon />
			</IconButton>
			{isOpen && (
				<Suspense fallback={null}>
					<RowMenuBox name={name} items={items} button={button} onClose={() => setIsOpen(false)} />
				</Suspense>
			)}
		</span>
	);
}
